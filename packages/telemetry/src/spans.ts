import {
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";

// Span names, kinds and attributes: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/

const propagator = new W3CTraceContextPropagator();
const system = "nats";

export type Publishing = {
  /** The stream. */
  readonly destination: string;
  readonly messageId: string;
  readonly bodyBytes: number;
};

/** Runs `send` in a PRODUCER span and hands it the headers that carry the span's context to the consumer. */
export async function publishSpan<T>(
  publishing: Publishing,
  send: (headers: Record<string, string>) => Promise<T>,
): Promise<T> {
  const span = tracer().startSpan(`publish ${publishing.destination}`, {
    kind: SpanKind.PRODUCER,
    attributes: {
      "messaging.system": system,
      "messaging.operation.name": "publish",
      "messaging.operation.type": "send",
      "messaging.destination.name": publishing.destination,
      "messaging.message.id": publishing.messageId,
      "messaging.message.body.size": publishing.bodyBytes,
    },
  });
  const headers: Record<string, string> = {};
  const inSpan = trace.setSpan(context.active(), span);
  propagator.inject(inSpan, headers, defaultTextMapSetter);
  return ended(span, () => context.with(inSpan, () => send(headers)));
}

/** A message of a batch, with the headers it came with. */
export type Consumed = { readonly messageId: string; readonly traceparent: string | undefined };

/** The spans of a batch in progress. */
export type BatchSpans = {
  /** Runs something, such as a log call, inside the span of one message. */
  within(index: number, act: () => void): void;
};

/**
 * Runs `work` on a batch. Each message gets a CONSUMER span in the trace that its publisher began, linked to the
 * batch's own trace, which holds the work; a batch of one needs no second trace.
 */
export async function processSpans<T>(
  destination: string,
  messages: readonly Consumed[],
  work: (spans: BatchSpans) => Promise<T>,
): Promise<T> {
  if (messages.length === 1) {
    const [only] = messages.map((message) => processSpan(destination, message));
    if (only !== undefined) {
      const spans = { within: (_: number, act: () => void) => act() };
      return ended(only.span, () => context.with(only.context, () => work(spans)));
    }
  }
  const batch = tracer().startSpan(
    `process ${destination} batch`,
    {
      kind: SpanKind.CONSUMER,
      root: true,
      attributes: { "messaging.system": system, "messaging.batch.message_count": messages.length },
    },
    ROOT_CONTEXT,
  );
  const each = messages.map((message) => processSpan(destination, message, batch));
  const spans = {
    within: (index: number, act: () => void) => context.with(each[index]?.context ?? context.active(), act),
  };
  try {
    return await ended(batch, () => context.with(trace.setSpan(ROOT_CONTEXT, batch), () => work(spans)));
  } finally {
    for (const { span } of each) span.end();
  }
}

function processSpan(destination: string, message: Consumed, batch?: Span): { span: Span; context: Context } {
  const carrier = message.traceparent === undefined ? {} : { traceparent: message.traceparent };
  const parent = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
  const span = tracer().startSpan(
    `process ${destination}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        "messaging.system": system,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": destination,
        "messaging.message.id": message.messageId,
      },
      ...(batch && { links: [{ context: batch.spanContext() }] }),
    },
    parent,
  );
  return { span, context: trace.setSpan(parent, span) };
}

async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    throw error;
  } finally {
    span.end();
  }
}

function tracer(): ReturnType<typeof trace.getTracer> {
  return trace.getTracer("takings");
}
