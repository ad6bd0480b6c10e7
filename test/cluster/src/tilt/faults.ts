import { predecessors } from "./dependencies.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import type { Resource, Tilt } from "./load-tiltfile.ts";

const namespace = "takings";
const clusterScoped = ["Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"];
/** The resources that install the kinds of an API group. */
const operators: Readonly<Record<string, string>> = { "keda.sh": "keda" };
const builtIn = /^(?:v1|apps\/|batch\/|policy\/|[\w.]+\.k8s\.io\/)/;
const inputs = ["charts/takings", "k8s/dev-values.yaml"];

/** What Tilt accepts, but would not come up or would not be updated. */
export function faultsOf(tilt: Tilt): readonly string[] {
  return [
    ...tilt.warnings,
    ...[...tilt.uncategorized, ...tilt.resources.flatMap(({ objects }) => objects)].flatMap(misplaced),
    ...tilt.uncategorized
      .filter(({ apiVersion }) => !builtIn.test(apiVersion))
      .map((object) => `${nameOf(object)} is applied before the operator that knows its kind`),
    ...tilt.resources.flatMap((resource) => waits(resource, tilt.resources)),
    ...tilt.resources.filter(({ labels }) => labels.length !== 1).map(({ name }) => `${name} has no label`),
    ...tilt.resources
      .filter(rebuilds)
      .map(({ name }) => `an edit builds the image again for the job ${name}`),
    ...tilt.resources
      .filter(({ objects }) => objects.some(isReadOnly))
      .map(({ name }) => `the files of ${name} cannot be replaced`),
    ...inputs.filter((path) => !tilt.watched.includes(path)).map((path) => `${path} is not watched`),
  ];
}

function misplaced(object: KubernetesObject): readonly string[] {
  const actual = object.metadata.namespace ?? "default";
  return clusterScoped.includes(object.kind) || actual === namespace
    ? []
    : [`${nameOf(object)} is in the namespace ${actual}`];
}

function waits(resource: Resource, all: readonly Resource[]): readonly string[] {
  if (resource.objects.length === 0) return [];
  const custom = resource.objects.filter(({ apiVersion }) => !builtIn.test(apiVersion));
  const operatorNames = custom.map(
    ({ apiVersion }) => operators[apiVersion.split("/")[0] ?? ""] ?? apiVersion,
  );
  const jobs = all.filter((each) => hasJob(each) && !hasJob(resource)).map(({ name }) => name);
  const before = predecessors(all, resource.name);
  return ["stack", ...jobs, ...operatorNames]
    .filter((name) => !before.has(name))
    .map((name) => `${resource.name} does not wait for ${name}`);
}

// When a file of an image changes, Tilt updates running containers; without one it builds the image and applies the YAML
// again (internal/controllers/core/liveupdate/reconciler.go: "Container for live update is stopped").
function rebuilds(resource: Resource): boolean {
  return hasJob(resource) && resource.images.length > 0 && !resource.manual;
}

function isReadOnly({ kind, spec }: KubernetesObject): boolean {
  if (kind !== "Deployment") return false;
  const [container] = spec?.template.spec.containers ?? [];
  return container.securityContext?.readOnlyRootFilesystem !== false;
}

function hasJob({ objects }: Resource): boolean {
  return objects.some(({ kind }) => kind === "Job");
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.name}`;
}
