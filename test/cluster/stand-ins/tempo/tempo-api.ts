/** The fields of Jaeger's trace that the conversions read. */
export type JaegerTrace = {
  readonly traceID: string;
  readonly spans: readonly {
    readonly spanID: string;
    readonly operationName: string;
    readonly processID: string;
    /** In microseconds. */
    readonly startTime: number;
    readonly duration: number;
    readonly references?: readonly { readonly refType: string; readonly spanID: string }[];
    readonly tags: readonly Tag[];
  }[];
  readonly processes: Readonly<
    Record<string, { readonly serviceName: string; readonly tags?: readonly Tag[] }>
  >;
};
type Tag = { readonly key: string; readonly value: unknown };

/** One condition of a TraceQL query. */
export type Condition = {
  readonly scope: "resource" | "span";
  readonly key: string;
  readonly value?: string;
};

const clause = /^(resource|span)\.([\w.-]+)\s*(?:=\s*"([^"]*)"|!=\s*nil)$/;

/**
 * Parses the part of TraceQL that is needed here: `{ resource.NAME = "VALUE" && span.NAME != nil }`.
 * @returns undefined for any other query.
 */
export function parseTraceQl(query: string): readonly Condition[] | undefined {
  const [, inner] = /^\s*\{(.*)\}\s*$/.exec(query) ?? [];
  if (inner === undefined) return undefined;
  const conditions: Condition[] = [];
  for (const part of inner.split("&&")) {
    const [, scope, key = "", value] = clause.exec(part.trim()) ?? [];
    if (scope !== "resource" && scope !== "span") return undefined;
    conditions.push({ scope, key, ...(value !== undefined && { value }) });
  }
  return conditions;
}

/** True when one span of the trace, with its resource, meets all conditions. */
export function matches(trace: JaegerTrace, conditions: readonly Condition[]): boolean {
  return trace.spans.some((span) => {
    const attributes = { span: span.tags, resource: resourceOf(trace, span.processID) };
    return conditions.every(({ scope, key, value }) => {
      const tag = attributes[scope].find((candidate) => candidate.key === key);
      return tag !== undefined && (value === undefined || tag.value === value);
    });
  });
}

/** A trace as `/api/search` lists it (https://grafana.com/docs/tempo/latest/api_docs/#search). */
export function searchResult(trace: JaegerTrace): object {
  const root = trace.spans.find(({ references = [] }) => references.length === 0) ?? trace.spans[0];
  const starts = trace.spans.map(({ startTime }) => startTime);
  const ends = trace.spans.map(({ startTime, duration }) => startTime + duration);
  const start = Math.min(...starts);
  return {
    traceID: trace.traceID,
    rootServiceName: trace.processes[root?.processID ?? ""]?.serviceName ?? "",
    rootTraceName: root?.operationName ?? "",
    startTimeUnixNano: nanoseconds(start),
    durationMs: Math.round((Math.max(...ends) - start) / 1_000),
  };
}

/** A trace as `/api/traces/ID` returns it: OTLP in JSON, with the spans of a resource in one batch. */
export function traceById(trace: JaegerTrace): object {
  const batches = Object.keys(trace.processes).map((processID) => ({
    resource: { attributes: resourceOf(trace, processID).map(attribute) },
    scopeSpans: [
      {
        spans: trace.spans
          .filter((span) => span.processID === processID)
          .map((span) => ({
            traceId: base64(trace.traceID),
            spanId: base64(span.spanID),
            parentSpanId: base64(
              span.references?.find(({ refType }) => refType === "CHILD_OF")?.spanID ?? "",
            ),
            name: span.operationName,
            startTimeUnixNano: nanoseconds(span.startTime),
            endTimeUnixNano: nanoseconds(span.startTime + span.duration),
            attributes: span.tags.map(attribute),
          })),
      },
    ],
  }));
  return { batches };
}

function resourceOf({ processes }: JaegerTrace, processID: string): readonly Tag[] {
  const { serviceName, tags = [] } = processes[processID] ?? { serviceName: "" };
  return [{ key: "service.name", value: serviceName }, ...tags];
}

function attribute({ key, value }: Tag): object {
  if (typeof value === "boolean") return { key, value: { boolValue: value } };
  if (typeof value !== "number") return { key, value: { stringValue: String(value) } };
  return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
}

const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");
const nanoseconds = (microseconds: number): string => String(BigInt(microseconds) * 1_000n);
