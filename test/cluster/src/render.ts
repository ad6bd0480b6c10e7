import { globSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { parseAllDocuments } from "yaml";
import { mustRun, runProgram } from "./run-program.ts";

/**
 * What stands in a manifest. Its shape is judged by kubeconform, and a test that looks at a field that is not there
 * fails; types of all of Kubernetes would only repeat that.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export type Manifest = any;

/** Any object, as it was rendered. */
export type Rendered = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // Whatever the tests ask of it; the shape is kubeconform's business.
  readonly spec: Manifest;
  readonly data?: Readonly<Record<string, string>>;
};

/** The charts' folders. */
export const charts = {
  product: join(projectRoot(), "charts/takings"),
  stack: join(projectRoot(), "charts/takings-stack"),
} as const;

/** What the API server of a cluster with all operators knows. */
const allApis = ["keda.sh/v1alpha1", "monitoring.coreos.com/v1", "gateway.networking.k8s.io/v1"];

export type RenderOptions = {
  readonly chart?: keyof typeof charts;
  /** Values over the defaults. */
  readonly values?: object;
  readonly valuesFile?: string;
  readonly apis?: readonly string[];
};

/** `helm template`, as text. @throws with what Helm says when the values are refused. */
export async function renderText(options: RenderOptions = {}): Promise<string> {
  const { values = {}, ...rest } = options;
  return mustRun("helm", templateArgs(rest), { input: JSON.stringify(values) });
}

/** The same as objects, by `Kind/name`. */
export async function render(options: RenderOptions = {}): Promise<ReadonlyMap<string, Rendered>> {
  const objects: Rendered[] = parseAllDocuments(await renderText(options))
    .map((document) => document.toJS())
    .filter((object) => object !== null);
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

/** What Helm says to values that it must refuse. @throws when it does not refuse them. */
export async function refusal(values: object, apis: readonly string[] = allApis): Promise<string> {
  const { code, stderr } = await runProgram("helm", templateArgs({ apis }), {
    input: JSON.stringify(values),
  });
  if (code === 0) throw new Error(`Helm took ${JSON.stringify(values)}`);
  return stderr;
}

/** The values of each supported configuration, with which everything is checked. */
export function configurations(): readonly string[] {
  return globSync(join(charts.product, "ci/*-values.yaml")).toSorted();
}

function templateArgs({ chart = "product", valuesFile, apis = allApis }: RenderOptions): string[] {
  const known = apis.flatMap((api) => ["--api-versions", api]);
  const files = valuesFile === undefined ? [] : ["--values", valuesFile];
  const kubernetes = ["--kube-version", "1.34.0"];
  return ["template", "takings", charts[chart], ...kubernetes, ...known, ...files, "--values", "-"];
}
