import {
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { alwaysSampled } from "./always-sampled.ts";
import { sampledTraceId } from "./sampled-trace.ts";

// Span names, kinds and attributes: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/

const propagator = new W3CTraceContextPropagator();
const system = "nats";

/** A message that is being published. */
export type PublishedMessage = {
  /** The stream. */
  readonly destination: string;
  readonly messageId: string;
  readonly bodyBytes: number;
};

/**
 * Runs `send` in a PRODUCER span and passes it the headers that carry the span's context to the consumer. Within a request
 * that is not traced there is no span, and the headers carry the request's ids.
 */
export async function publishSpan<T>(
  message: PublishedMessage,
  send: (headers: Record<string, string>) => Promise<T>,
): Promise<T> {
  if (trace.getActiveSpan() !== undefined && sampledTraceId() === undefined)
    return send(headersOf(context.active()));
  const span = tracer().startSpan(`publish ${message.destination}`, {
    kind: SpanKind.PRODUCER,
    attributes: {
      "messaging.system": system,
      "messaging.operation.name": "publish",
      "messaging.operation.type": "send",
      "messaging.destination.name": message.destination,
      "messaging.message.id": message.messageId,
      "messaging.message.body.size": message.bodyBytes,
    },
  });
  const inSpan = trace.setSpan(context.active(), span);
  return endingSpan(span, () => context.with(inSpan, () => send(headersOf(inSpan))));
}

function headersOf(from: Context): Record<string, string> {
  const headers: Record<string, string> = {};
  propagator.inject(from, headers, defaultTextMapSetter);
  return headers;
}

/** A message of a batch: its id and its `traceparent` header. */
export type ConsumedMessage = { readonly messageId: string; readonly traceparent: string | undefined };

/** The spans of a batch in progress. */
export type BatchSpans = {
  /** Runs something, such as a log call, inside the span of one message. */
  within(index: number, act: () => void): void;
};

/**
 * Runs `work` on a batch. Each message gets a CONSUMER span in the trace of its publisher, linked to the batch's own trace,
 * which contains the work; a batch of one is in one trace.
 */
export async function processSpans<T>(
  destination: string,
  messages: readonly ConsumedMessage[],
  work: (spans: BatchSpans) => Promise<T>,
): Promise<T> {
  if (messages.length === 1) {
    const [only] = messages.map((message) => processSpan(destination, message));
    if (only !== undefined) {
      const spans = { within: (_: number, act: () => void) => act() };
      return endingSpan(only.span, () => context.with(only.context, () => work(spans)));
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
    return await endingSpan(batch, () => context.with(trace.setSpan(ROOT_CONTEXT, batch), () => work(spans)));
  } catch (error) {
    for (const { span } of each) failed(span, reasonOf(error));
    throw error;
  } finally {
    for (const { span } of each) span.end();
  }
}

/** Runs something, such as a log call, in the trace of a message's publisher. */
export function inTraceOf(traceparent: string | undefined, act: () => void): void {
  context.with(publishersContext(traceparent), act);
}

/**
 * Records the failure of a message in a span that is sampled whatever the ratio: in a trace of its own, linked to the
 * current span, and found by the message's id.
 */
export function recordFailure(failure: string, messageId: string, reason: string): void {
  const current = trace.getActiveSpan()?.spanContext();
  const span = tracer().startSpan(
    failure,
    {
      root: true,
      attributes: { ...alwaysSampled, "messaging.system": system, "messaging.message.id": messageId },
      ...(current && isSpanContextValid(current) && { links: [{ context: current }] }),
    },
    ROOT_CONTEXT,
  );
  failed(span, reason);
  span.end();
}

function publishersContext(traceparent: string | undefined): Context {
  const carrier = traceparent === undefined ? {} : { traceparent };
  return propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
}

function processSpan(
  destination: string,
  message: ConsumedMessage,
  batch?: Span,
): { span: Span; context: Context } {
  const parent = publishersContext(message.traceparent);
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

async function endingSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    failed(span, reasonOf(error));
    throw error;
  } finally {
    span.end();
  }
}

function failed(span: Span, reason: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tracer(): ReturnType<typeof trace.getTracer> {
  return trace.getTracer("takings");
}
