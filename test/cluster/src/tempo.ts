import type { ClientPod } from "./client-pod.ts";

/** A span with the attributes of its resource. */
export type TraceSpan = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
};

const tempoUrl = "http://takings-tempo:3200";

/** The ids of traces with a span that the TraceQL query selects. Tempo leaves out the last 30 seconds by default. */
export async function searchTraces(client: ClientPod, query: string, limit = 50): Promise<readonly string[]> {
  const parameters = new URLSearchParams({ q: query, limit: String(limit) });
  const { traces }: { traces?: readonly { readonly traceID: string }[] } = JSON.parse(
    await client.get(`${tempoUrl}/api/search?${parameters.toString()}`),
  );
  return (traces ?? []).map(({ traceID }) => traceID);
}

type Attributes = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
/** The fields of Tempo's response that the tests read (https://grafana.com/docs/tempo/latest/api_docs/#query). */
type TraceById = {
  readonly batches: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly {
      readonly spans: readonly { readonly name: string; readonly attributes?: Attributes }[];
    }[];
  }[];
};

/** The spans of a trace. @throws when Tempo has no such trace. */
export async function readTrace(client: ClientPod, id: string): Promise<readonly TraceSpan[]> {
  const { batches }: TraceById = JSON.parse(await client.get(`${tempoUrl}/api/traces/${id}`));
  return batches.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, attributes = [] }) => ({
        name,
        attributes: textsOf(attributes),
        resource: textsOf(resource.attributes),
      })),
    ),
  );
}

function textsOf(attributes: Attributes): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}
