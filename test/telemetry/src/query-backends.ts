import { eventually } from "@takings/testkit";

/** A series as Prometheus returns it: pairs of a time and a value as text. */
export type Series = {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
};

/** A span of Jaeger. */
export type JaegerSpan = {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly startTime: number;
  readonly duration: number;
  readonly service: string;
  readonly parent: string | undefined;
  /** The ids of linked traces. */
  readonly links: readonly string[];
  readonly tags: Readonly<Record<string, unknown>>;
};

const alertTimeoutMs = 90_000;
/** The pause between two rounds of traffic; Prometheus scrapes once a second. */
const alertPollMs = 1_000;

async function getJson(
  base: string,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const url = new URL(path, base);
  url.search = new URLSearchParams(parameters).toString();
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url.href} responded with ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Runs PromQL over the last minutes, in steps of five seconds. */
export async function queryRange(prometheusUrl: string, query: string, minutes = 5): Promise<Series[]> {
  const end = Date.now() / 1_000;
  const parameters = { query, start: `${end - minutes * 60}`, end: `${end}`, step: "5" };
  const { data } = (await getJson(prometheusUrl, "/api/v1/query_range", parameters)) as {
    data: { result: Series[] };
  };
  return data.result;
}

/** The names of the alerts that are firing now. */
export async function firing(prometheusUrl: string): Promise<string[]> {
  const { data } = (await getJson(prometheusUrl, "/api/v1/alerts")) as {
    data: { alerts: { state: string; labels: { alertname: string } }[] };
  };
  return data.alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname);
}

/** Waits until an alert fires. `meanwhile` runs once a second until then. */
export async function untilFiring(
  prometheusUrl: string,
  alert: string,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  await eventually(
    `${alert} to fire`,
    async () => {
      await meanwhile();
      const names = await firing(prometheusUrl);
      if (names.includes(alert)) return true;
      throw new Error(`firing: ${names.join(", ") || "nothing"}`);
    },
    alertTimeoutMs,
    alertPollMs,
  );
}

/** The trace ids of a histogram's exemplars. */
export async function exemplarTraces(prometheusUrl: string, query: string): Promise<string[]> {
  const now = Date.now() / 1_000;
  const parameters = { query, start: `${now - 600}`, end: `${now + 5}` };
  const { data } = (await getJson(prometheusUrl, "/api/v1/query_exemplars", parameters)) as {
    data: { exemplars: { labels: { trace_id: string } }[] }[];
  };
  return data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
}

/** The spans of a trace; empty when there is no such trace. */
export async function traceOf(jaegerUrl: string, traceId: string): Promise<JaegerSpan[]> {
  const response = await fetch(`${jaegerUrl}/api/traces/${traceId}`);
  if (response.status === 404) return [];
  return readTraces(await response.json());
}

/** The spans of all traces in which a span has this event id. */
export async function tracesOfEvent(jaegerUrl: string, eventId: string): Promise<JaegerSpan[]> {
  const tags = JSON.stringify({ "messaging.message.id": eventId });
  const spans = await Promise.all(
    ["ingress", "consumer"].map(async (service) => {
      const parameters = { service, tags, limit: "20", lookback: "1h" };
      return readTraces(await getJson(jaegerUrl, "/api/traces", parameters));
    }),
  );
  return [...new Map(spans.flat().map((span) => [span.spanID, span])).values()];
}

type JaegerResponse = {
  readonly data: readonly {
    readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
    readonly spans: readonly (Omit<JaegerSpan, "service" | "parent" | "links" | "tags"> & {
      readonly processID: string;
      readonly references: readonly { refType: string; traceID: string; spanID: string }[];
      readonly tags: readonly { key: string; value: unknown }[];
    })[];
  }[];
};

function readTraces(response: unknown): JaegerSpan[] {
  return (response as JaegerResponse).data.flatMap(({ processes, spans }) =>
    spans.map(({ references, tags, processID, ...span }) => ({
      ...span,
      service: processes[processID]?.serviceName ?? "",
      parent: references.find(({ refType }) => refType === "CHILD_OF")?.spanID,
      links: references.filter(({ refType }) => refType !== "CHILD_OF").map(({ traceID }) => traceID),
      tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
    })),
  );
}

/** A trace as an indented list, in the order of the start times of its spans. */
export function treeOf(spans: readonly JaegerSpan[], parent?: string, depth = 0): string[] {
  return spans
    .filter((span) => span.parent === parent)
    .toSorted((a, b) => a.startTime - b.startTime)
    .flatMap((span) => [
      `${"  ".repeat(depth)}${span.service}: ${span.operationName}`,
      ...treeOf(spans, span.spanID, depth + 1),
    ]);
}
