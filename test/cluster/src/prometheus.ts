import type { ClientPod } from "./client-pod.ts";

/** A target as `/api/v1/targets` lists it. */
export type Target = {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
};

/** A rule as `/api/v1/rules` lists it. `health` is `unknown` before its first evaluation. */
export type Rule = { readonly name: string; readonly health: string; readonly lastError?: string };

/** An exemplar of a series. */
type Exemplar = { readonly labels: Readonly<Record<string, string>> };

/** Reads the HTTP API of the stack's Prometheus (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export type Prometheus = {
  targets(): Promise<readonly Target[]>;
  rules(): Promise<readonly Rule[]>;
  /** The number of series with the name. */
  series(name: string): Promise<number>;
  /** The exemplars of the last hour of the series that the selector names. */
  exemplars(selector: string): Promise<readonly Exemplar[]>;
};

/** Returns access through the pod. Contacts nothing yet. */
export function prometheusOf(client: ClientPod): Prometheus {
  const read = async (path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> => {
    const query = new URLSearchParams(parameters);
    return JSON.parse(await client.get(`http://takings-prometheus:9090/api/v1/${path}?${query.toString()}`))
      .data;
  };
  return {
    async targets() {
      return ((await read("targets", { state: "active" })) as { activeTargets: Target[] }).activeTargets;
    },
    async rules() {
      const { groups } = (await read("rules", {})) as { groups: { rules: Rule[] }[] };
      return groups.flatMap(({ rules }) => rules);
    },
    async series(name) {
      const { result } = (await read("query", { query: `count(${name})` })) as {
        result: { value: [number, string] }[];
      };
      return Number(result[0]?.value[1] ?? 0);
    },
    async exemplars(selector) {
      const end = Math.ceil(Date.now() / 1_000);
      const range = { start: String(end - 3_600), end: String(end) };
      const series = (await read("query_exemplars", { query: selector, ...range })) as {
        exemplars: Exemplar[];
      }[];
      return series.flatMap(({ exemplars }) => exemplars);
    },
  };
}

/**
 * Compares Prometheus's targets with the pods that it must scrape.
 * @returns a sentence for each pod that is no target, each target that is no such pod, and each that is not up.
 */
export function targetProblems(targets: readonly Target[], pods: readonly string[]): string[] {
  const scraped = targets.map(({ labels }) => labels["pod"] ?? "");
  return [
    ...pods.filter((pod) => !scraped.includes(pod)).map((pod) => `${pod} is not scraped`),
    ...scraped.filter((pod) => !pods.includes(pod)).map((pod) => `${pod} is scraped but does not run`),
    ...targets
      .filter(({ health }) => health !== "up")
      .map(({ labels, health, lastError }) => `${labels["pod"] ?? "a target"} is ${health}: ${lastError}`),
  ];
}

/** A sentence for each rule that is missing, and for each that was not evaluated or failed. */
export function ruleProblems(rules: readonly Rule[], names: readonly string[]): string[] {
  const loaded = rules.map(({ name }) => name);
  return [
    ...names.filter((name) => !loaded.includes(name)).map((name) => `${name} is not loaded`),
    ...rules
      .filter(({ health }) => health !== "ok")
      .map(({ name, health, lastError = "" }) => `${name} is ${health} ${lastError}`.trim()),
  ];
}
