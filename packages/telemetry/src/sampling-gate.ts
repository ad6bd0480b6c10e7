import { EventEmitter } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
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
export type SamplingGate = {
  /**
   * The context in which a request goes on without spans: with ids all the same, for its log lines and the messages
   * that come of it. `undefined` for one that is traced. To be asked once, right before its span would begin.
   */
  unsampledContext(request: Pick<IncomingMessage, "headers">): Context | undefined;
  /** Gives a request that was not turned away the trace id on which that was decided: the sampler then agrees. */
  readonly ids: IdGenerator;
};

const random = new RandomIdGenerator();

export function createSamplingGate(sampler: Sampler): SamplingGate {
  let pendingTraceId: string | undefined;
  return {
    unsampledContext(request) {
      const from = propagation.extract(ROOT_CONTEXT, request.headers);
      const begun = trace.getSpanContext(from)?.traceId;
      const traceId = begun ?? random.generateTraceId();
      const { decision } = sampler.shouldSample(from, traceId, "", SpanKind.SERVER, {}, []);
      if (decision === SamplingDecision.NOT_RECORD) {
        pendingTraceId = undefined;
        const ids = { traceId, spanId: random.generateSpanId(), traceFlags: TraceFlags.NONE };
        return trace.setSpanContext(ROOT_CONTEXT, ids);
      }
      pendingTraceId = begun === undefined ? traceId : undefined;
      return undefined;
    },
    ids: {
      generateSpanId: () => random.generateSpanId(),
      generateTraceId() {
        const traceId = pendingTraceId ?? random.generateTraceId();
        pendingTraceId = undefined;
        return traceId;
      },
    },
  };
}

/**
 * Puts a gate before the requests of all servers of this kind: who is turned away goes past the instrumentation,
 * which must be in place already.
 */
export function installSamplingGate(gate: SamplingGate, { prototype }: typeof Server): void {
  const instrumented = prototype.emit;
  prototype.emit = function emit(this: Server, event: string, ...values: unknown[]): boolean {
    const untraced = event === "request" ? gate.unsampledContext(values[0] as IncomingMessage) : undefined;
    if (untraced === undefined) return Boolean(Reflect.apply(instrumented, this, [event, ...values]));
    return context.with(untraced, () => EventEmitter.prototype.emit.call(this, event, ...values));
  };
}
