import type { IncomingMessage } from "node:http";
import { context, propagation, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from "@opentelemetry/api";
import {
  type IdGenerator,
  RandomIdGenerator,
  type Sampler,
  SamplingDecision,
} from "@opentelemetry/sdk-trace";

/**
 * Decides whether a request is traced before it is instrumented: the instrumentation of a request costs as much as
 * all the rest that ingress does for it, whether its spans are kept or not (docs/performance.md).
 */
export type Door = {
  /** Whether the request goes on without spans. To be asked once, right before its span would begin. */
  turnsAway(request: IncomingMessage): boolean;
  /** Gives a request that was not turned away the trace id on which that was decided: the sampler then agrees. */
  readonly ids: IdGenerator;
};

const random = new RandomIdGenerator();
/** Trace ids of requests that were turned away: the sampler, asked again about one, must say the same again. */
const idsOfUntraced = new WeakMap<object, string>();

export function openDoor(sampler: Sampler): Door {
  let drawn: string | undefined;
  return {
    turnsAway(request) {
      const from = propagation.extract(ROOT_CONTEXT, request.headers);
      const begun = trace.getSpanContext(from)?.traceId;
      const traceId = begun ?? random.generateTraceId();
      const { decision } = sampler.shouldSample(from, traceId, "", SpanKind.SERVER, {}, []);
      const isKept = decision !== SamplingDecision.NOT_RECORD;
      drawn = isKept && begun === undefined ? traceId : undefined;
      if (!isKept) idsOfUntraced.set(request, traceId);
      return !isKept;
    },
    ids: {
      generateSpanId: () => random.generateSpanId(),
      generateTraceId() {
        const traceId = drawn ?? random.generateTraceId();
        drawn = undefined;
        return traceId;
      },
    },
  };
}

/** A handler that gives a request which is not traced ids all the same, for its log lines and the messages that come of it. */
export function withTraceIds(request: object, _response: unknown, next: () => void): void {
  if (trace.getActiveSpan() !== undefined) return next();
  const ids = {
    traceId: idsOfUntraced.get(request) ?? random.generateTraceId(),
    spanId: random.generateSpanId(),
    traceFlags: TraceFlags.NONE,
  };
  context.with(trace.setSpanContext(ROOT_CONTEXT, ids), next);
}
