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
 * Decides whether a request is traced before it is instrumented: the instrumentation of a request costs as much as all
 * other work of ingress for it, whether its spans are sampled or not (docs/performance.md).
 */
export type SamplingGate = {
  /**
   * The context in which a request is handled without spans; it still has ids for log lines and messages. `undefined` for
   * a request that is traced. Call it once, right before its span would start.
   */
  unsampledContext(request: Pick<IncomingMessage, "headers">): Context | undefined;
  /** Assigns a traced request the trace id with which that was decided, so that the sampler decides the same. */
  readonly ids: IdGenerator;
};

const random = new RandomIdGenerator();

/** Creates a gate that decides as the sampler does. */
export function createSamplingGate(sampler: Sampler): SamplingGate {
  let pendingTraceId: string | undefined;
  return {
    unsampledContext(request) {
      const parent = propagation.extract(ROOT_CONTEXT, request.headers);
      const incoming = trace.getSpanContext(parent)?.traceId;
      const traceId = incoming ?? random.generateTraceId();
      const { decision } = sampler.shouldSample(parent, traceId, "", SpanKind.SERVER, {}, []);
      if (decision === SamplingDecision.NOT_RECORD) {
        pendingTraceId = undefined;
        const ids = { traceId, spanId: random.generateSpanId(), traceFlags: TraceFlags.NONE };
        return trace.setSpanContext(ROOT_CONTEXT, ids);
      }
      pendingTraceId = incoming === undefined ? traceId : undefined;
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
 * Installs a gate in front of all servers of this class: requests that are not traced bypass the instrumentation, which
 * must be installed already.
 */
export function installSamplingGate(gate: SamplingGate, { prototype }: typeof Server): void {
  const instrumented = prototype.emit;
  prototype.emit = function emit(this: Server, event: string, ...values: unknown[]): boolean {
    const untraced = event === "request" ? gate.unsampledContext(values[0] as IncomingMessage) : undefined;
    if (untraced === undefined) return Boolean(Reflect.apply(instrumented, this, [event, ...values]));
    return context.with(untraced, () => EventEmitter.prototype.emit.call(this, event, ...values));
  };
}
