import type { Manifest } from "../render.ts";

/** An object of the YAML that is given to `k8s_yaml`. */
export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: Manifest;
};

/**
 * The names by which Tilt finds an object, the shortest first: name, name:kind, name:kind:namespace and
 * name:kind:namespace:group. An object without a namespace counts as one of `default`.
 * Source: internal/k8s/names.go of tilt-dev/tilt.
 */
export function fragments({ apiVersion, kind, metadata }: KubernetesObject): readonly string[] {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "core";
  const parts = [metadata.name, kind, metadata.namespace ?? "default", group];
  return parts.map((_, index) =>
    parts
      .slice(0, index + 1)
      .join(":")
      .toLowerCase(),
  );
}

/** The shortest fragment of each object that no other object of the list has. */
export function uniqueNames(objects: readonly KubernetesObject[]): readonly string[] {
  const all = objects.flatMap(fragments);
  return objects.map((object, index) => {
    const names = fragments(object);
    const unique = names.find((name) => all.filter((other) => other === name).length === 1);
    return unique ?? `${names.at(-1)}:${index}`;
  });
}

/** The images of an object's containers, without their tags and digests. */
export function imagesOf(object: KubernetesObject): readonly string[] {
  const pod = podTemplate(object)?.spec;
  const containers: readonly { readonly image: string }[] = [
    ...(pod?.initContainers ?? []),
    ...(pod?.containers ?? []),
  ];
  return containers.map(({ image }) => image.replace(/@.*$/, "").replace(/:[^/]*$/, ""));
}

/** True for a Service of the same namespace whose selector matches the labels of the workload's pods. */
export function selectsPodsOf(service: KubernetesObject, workload: KubernetesObject): boolean {
  const selector = Object.entries(service.kind === "Service" ? (service.spec?.selector ?? {}) : {});
  const { labels = {} } = podTemplate(workload)?.metadata ?? {};
  const namespace = service.metadata.namespace ?? workload.metadata.namespace;
  return (
    selector.length > 0 &&
    namespace === workload.metadata.namespace &&
    selector.every(([key, value]) => labels[key] === value)
  );
}

function podTemplate({ spec }: KubernetesObject): Manifest {
  return (spec?.jobTemplate?.spec ?? spec)?.template;
}
