import { globSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { parseAllDocuments } from "yaml";
import { mustRun, runProgram } from "./run-program.ts";

/**
 * Part of a manifest. kubeconform validates its shape, and a test that reads a missing field fails; types for all of
 * Kubernetes would only repeat that.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export type Manifest = any;

/** A rendered object. */
export type Rendered = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Manifest;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
};

/** The charts' folders. */
export const charts = {
  product: join(projectRoot(), "charts/takings"),
  stack: join(projectRoot(), "charts/takings-stack"),
} as const;

/** The API groups of a cluster with all operators. */
const allApis = [
  "keda.sh/v1alpha1",
  "monitoring.coreos.com/v1",
  "gateway.networking.k8s.io/v1",
  "networking.gke.io/v1",
];

export type RenderOptions = {
  readonly chart?: keyof typeof charts;
  /** Default: `takings`. */
  readonly release?: string;
  /** Values that override the defaults. */
  readonly values?: object;
  readonly valuesFile?: string;
  readonly apis?: readonly string[];
};

/** The output of `helm template`. @throws with Helm's message when the values are rejected. */
export async function renderText(options: RenderOptions = {}): Promise<string> {
  const { values = {}, ...rest } = options;
  return mustRun("helm", templateArgs(rest), { input: JSON.stringify(values) });
}

/** The rendered objects, by `Kind/name`. */
export async function render(options: RenderOptions = {}): Promise<ReadonlyMap<string, Rendered>> {
  const objects: Rendered[] = parseAllDocuments(await renderText(options))
    .map((document) => {
      // Helm accepts a key twice; kustomize and server-side apply do not.
      for (const error of document.errors) throw error;
      return document.toJS();
    })
    .filter((object) => object !== null);
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
}

/** One object of the product's chart. @throws when it is not rendered. */
export async function renderObject(name: string, values: object = {}): Promise<Rendered> {
  const objects = await render({ values });
  const object = objects.get(name);
  if (object === undefined) throw new Error(`${name} is not among ${[...objects.keys()].join(", ")}`);
  return object;
}

/** The pod specification of an object; undefined when the object creates no pods. */
export function podOf({ kind, spec }: Rendered): Manifest {
  if (kind === "Pod") return spec;
  return (kind === "CronJob" ? spec.jobTemplate.spec : spec)?.template?.spec;
}

/** Helm's message for values that it must reject. @throws when it accepts them. */
export async function rejection(values: object, apis: readonly string[] = allApis): Promise<string> {
  const { code, stderr } = await runProgram("helm", templateArgs({ apis }), {
    input: JSON.stringify(values),
  });
  if (code === 0) throw new Error(`Helm accepted ${JSON.stringify(values)}`);
  return stderr;
}

/** The values files of the supported configurations, with each of which everything is checked. */
export function configurations(): readonly string[] {
  return globSync(join(charts.product, "ci/*-values.yaml")).toSorted();
}

function templateArgs(options: RenderOptions): string[] {
  const { chart = "product", release = "takings", valuesFile, apis = allApis } = options;
  const known = apis.flatMap((api) => ["--api-versions", api]);
  const files = valuesFile === undefined ? [] : ["--values", valuesFile];
  const kubernetes = ["--kube-version", "1.34.0"];
  return ["template", release, charts[chart], ...kubernetes, ...known, ...files, "--values", "-"];
}
