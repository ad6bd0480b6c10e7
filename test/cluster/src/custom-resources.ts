import { type Cluster, clusterTimeoutMs } from "./cluster.ts";
import { runProgram } from "./run-program.ts";

/** A kind of an operator. */
export type CustomKind = { readonly group: string; readonly version: string; readonly kind: string };

/** The kinds that a configuration of the chart may create and a test cluster may lack. */
export const optionalKinds: readonly CustomKind[] = [
  { group: "monitoring.coreos.com", version: "v1", kind: "ServiceMonitor" },
  { group: "monitoring.coreos.com", version: "v1", kind: "PrometheusRule" },
  { group: "gateway.networking.k8s.io", version: "v1", kind: "HTTPRoute" },
  { group: "networking.gke.io", version: "v1", kind: "HealthCheckPolicy" },
];

const label = "takings-e2e/stub";

/**
 * Defines the kinds that the cluster lacks, so that objects of them can be created. Nothing reconciles these, and any
 * field is accepted: the rendering tests check the fields. `removeStubs` removes what this defined, and nothing else.
 */
export async function defineMissing(cluster: Cluster, kinds: readonly CustomKind[]): Promise<void> {
  for (const custom of kinds) {
    const name = nameOf(custom);
    const { code } = await runProgram("kubectl", ["get", "crd", name]);
    if (code === 0) continue;
    await cluster.apply(definition(custom));
    const wait = ["wait", "--for=condition=Established", `crd/${name}`, `--timeout=${clusterTimeoutMs}ms`];
    await cluster.kubectl(wait);
  }
}

/** Removes the kinds that `defineMissing` defined. */
export async function removeStubs(cluster: Cluster): Promise<void> {
  await cluster.kubectl(["delete", "crd", "--selector", label, "--ignore-not-found"]);
}

const pluralOf = (kind: string): string => kind.toLowerCase().replace(/y$/, "ie").concat("s");
const nameOf = ({ group, kind }: CustomKind): string => `${pluralOf(kind)}.${group}`;

function definition(custom: CustomKind): object {
  const { group, version, kind } = custom;
  const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  // The API server asks for this annotation on definitions of the groups *.k8s.io.
  const annotations = { "api-approved.kubernetes.io": "unapproved, a stub for tests" };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: nameOf(custom), labels: { [label]: "yes" }, annotations },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural: pluralOf(kind), singular: kind.toLowerCase() },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: anything } }],
    },
  };
}
