import { isSpanContextValid, trace, TraceFlags } from "@opentelemetry/api";

/**
 * The id of the current trace when it is sampled; `undefined` also within a request that has ids without being traced. Its
 * span may have ended already: a body can arrive after its response.
 */
export function sampledTraceId(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  const isSampled =
    span !== undefined && isSpanContextValid(span) && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
  return isSampled ? span.traceId : undefined;
}
