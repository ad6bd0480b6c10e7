import { isSpanContextValid, trace, TraceFlags } from "@opentelemetry/api";

/**
 * The id of the trace that we are in, if it is kept; `undefined` also within a request that was given ids without being
 * traced. Its span may have ended already: a body can come after its answer.
 */
export function sampledTraceId(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  const isSampled =
    span !== undefined && isSpanContextValid(span) && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
  return isSampled ? span.traceId : undefined;
}
