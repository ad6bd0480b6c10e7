import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "@takings/testkit";

/** An exported span with the fields that tests use. */
export type ReceivedSpan = {
  readonly service: string;
  /** The instrumentation scope, such as `@opentelemetry/instrumentation-pg`. */
  readonly scope: string;
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root span of a trace. */
  readonly parentSpanId: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** The numbers of span kinds in OTLP. */
export const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** A collector that receives OTLP as JSON and keeps the spans. */
export type SpanReceiver = AsyncDisposable & {
  /** The environment with which a process exports to it, soon after each span. */
  readonly env: Readonly<Record<string, string>>;
  spans(): readonly ReceivedSpan[];
  /** Waits until spans of these names have arrived. */
  until(...names: readonly string[]): Promise<readonly ReceivedSpan[]>;
};

type Attribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
type Exported = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly (Omit<ReceivedSpan, "attributes" | "links" | "parentSpanId"> & {
        readonly parentSpanId?: string;
        readonly links?: ReceivedSpan["links"];
        readonly attributes?: readonly Attribute[];
      })[];
    }[];
  }[];
};

export async function receiveSpans(): Promise<SpanReceiver> {
  const received: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.once("end", () => {
      received.push(...read(JSON.parse(Buffer.concat(pieces).toString()) as Exported));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "50",
    },
    spans: () => received,
    until: (...names) =>
      eventually(`spans named ${names.join(", ")}`, () =>
        names.every((name) => received.some((span) => span.name === name)) ? received : undefined,
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function read({ resourceSpans }: Exported): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        ...span,
        scope: scope.name,
        service: String(valuesOf(resource.attributes)["service.name"]),
        parentSpanId: span.parentSpanId ?? "",
        links: span.links ?? [],
        attributes: valuesOf(span.attributes ?? []),
      })),
    ),
  );
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** The names of the product's own spans. */
export const published = "publish STRIPE_EVENTS";
export const processed = "process STRIPE_EVENTS";

/** The span with this name and this event's id. */
export function ofMessage(
  spans: readonly ReceivedSpan[],
  name: string,
  eventId: string,
): ReceivedSpan | undefined {
  return spans.find((span) => span.name === name && span.attributes["messaging.message.id"] === eventId);
}

export function isSql({ scope }: ReceivedSpan): boolean {
  return scope === "@opentelemetry/instrumentation-pg";
}

/** Whether one span is a descendant of another. */
export function isBelow(spans: readonly ReceivedSpan[], span: ReceivedSpan, ancestor: ReceivedSpan): boolean {
  if (span.parentSpanId === ancestor.spanId) return true;
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent !== undefined && isBelow(spans, parent, ancestor);
}
