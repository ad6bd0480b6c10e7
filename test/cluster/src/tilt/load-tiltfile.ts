import type { Manifest } from "../render.ts";
import { checkDependencies } from "./dependencies.ts";
import { checkLiveUpdate } from "./live-update.ts";
import {
  fragments,
  imagesOf,
  type KubernetesObject,
  selectsPodsOf,
  uniqueNames,
} from "./kubernetes-object.ts";
import { type Call, runTiltfile, TiltfileError } from "./run-tiltfile.ts";

/** A row of Tilt's table. */
export type Resource = {
  name: string;
  readonly objects: KubernetesObject[];
  /** The images of docker_build that it needs. */
  readonly images: readonly string[];
  readonly dependencies: string[];
  readonly labels: string[];
  readonly links: string[];
  readonly portForwards: string[];
  manual: boolean;
};

/** What Tilt makes of a Tiltfile. */
export type Tilt = {
  readonly resources: readonly Resource[];
  /** Objects of no resource, which Tilt applies before all resources. */
  readonly uncategorized: readonly KubernetesObject[];
  readonly buttons: readonly { readonly name: string; readonly argv: readonly string[] }[];
  /** The calls of local_resource. */
  readonly localCommands: readonly { readonly name: string; readonly serve_cmd?: readonly string[] }[];
  readonly watched: readonly string[];
  /** Tilt's warnings, and files of a live update that it never updates. */
  readonly warnings: readonly string[];
};

// internal/tiltfile/k8s/resource.go: kinds that are workloads without any k8s_kind.
const knownKinds = ["Job", "CronJob"];

/**
 * Loads a Tiltfile as Tilt does, without any cluster. The rules are those of internal/tiltfile/tiltfile_state.go of
 * tilt-dev/tilt (assembleK8s and what it calls), and errors have its words.
 * @throws TiltfileError where Tilt refuses the Tiltfile
 */
export async function loadTiltfile(file: string): Promise<Tilt> {
  const calls = await runTiltfile(file);
  const of = (name: string): readonly Call[] => calls.filter((call) => call.function === name);
  const built: readonly Manifest[] = of("docker_build").map((call) => call.arguments);
  const kinds = [...knownKinds, ...of("k8s_kind").map((call) => call.arguments.kind)];
  const { resources, uncategorized } = groupByWorkload(of("k8s_yaml"), kinds, built);
  for (const call of [...of("k8s_custom_deploy"), ...of("local_resource")])
    addResource(resources, createResource(call.arguments));
  applyOptions(of("k8s_resource"), file, { resources, uncategorized });
  const unused = built.filter(({ ref }) => !resources.some(({ images }) => images.includes(ref)));
  return {
    resources,
    uncategorized,
    buttons: of("cmd_button").map((call) => call.arguments),
    localCommands: of("local_resource").map((call) => call.arguments),
    watched: of("watch_file").map((call) => call.arguments.paths),
    warnings: [
      ...checkDependencies(resources),
      ...built.flatMap(checkLiveUpdate),
      ...unused.map(({ ref }) => `Image not used in any Kubernetes config: ${ref}`),
    ],
  };
}

type Grouped = { readonly resources: Resource[]; readonly uncategorized: KubernetesObject[] };

/** A resource for each object that has an image or is of a known kind, with the Services that lead to its pods. */
function groupByWorkload(
  calls: readonly Call[],
  kinds: readonly string[],
  built: readonly Manifest[],
): Grouped {
  const objects: readonly KubernetesObject[] = calls.flatMap((call) => call.arguments.yaml);
  const addresses = objects.map((object) => fragments(object).at(-1) ?? "");
  const twice = addresses.find((address, index) => addresses.indexOf(address) !== index);
  if (twice !== undefined) throw new TiltfileError(`Duplicate YAML: ${twice}`);
  const isWorkload = (object: KubernetesObject): boolean =>
    kinds.includes(object.kind) || imagesOf(object).length > 0;
  const workloads = objects.filter(isWorkload);
  let rest = objects.filter((object) => !isWorkload(object));
  const names = uniqueNames(workloads);
  const resources = workloads.map((workload, index) => {
    const services = rest.filter((object) => selectsPodsOf(object, workload));
    rest = rest.filter((object) => !services.includes(object));
    const images = imagesOf(workload).filter((image) => built.some(({ ref }) => ref === image));
    return createResource({ name: names[index] ?? "", objects: [workload, ...services], images });
  });
  return { resources, uncategorized: rest };
}

/** Adds what the calls of k8s_resource say to the resources that they name, in the order of the calls. */
function applyOptions(calls: readonly Call[], file: string, { resources, uncategorized }: Grouped): void {
  for (const { line, arguments: options } of calls) {
    const name = options.workload || options.new_name;
    if (!options.workload) addResource(resources, createResource({ name }));
    const resource = resources.find((one) => one.name === name);
    if (resource === undefined) {
      const known = resources.map((one) => one.name).join(", ");
      throw new TiltfileError(
        `${file}:${line}: k8s_resource specified unknown resource "${name}". known k8s resources: ${known}`,
      );
    }
    if (options.new_name && options.new_name !== name) {
      checkNameIsFree(resources, options.new_name);
      resource.name = options.new_name;
    }
    for (const fragment of options.objects) resource.objects.push(take(fragment, uncategorized, resources));
    resource.dependencies.push(...options.resource_deps);
    resource.labels.push(...listOf(options.labels));
    resource.links.push(...listOf(options.links).map((link) => link.url ?? link));
    resource.portForwards.push(...listOf(options.port_forwards).map(String));
    if (options.trigger_mode !== null) resource.manual = options.trigger_mode === "manual";
  }
}

/** Takes the object with this fragment out of those that belong to no resource. */
function take(
  fragment: string,
  uncategorized: KubernetesObject[],
  resources: readonly Resource[],
): KubernetesObject {
  const all = [...uncategorized, ...resources.flatMap(({ objects }) => objects)];
  const found = all.filter((object) => fragments(object).includes(fragment.toLowerCase()));
  const [object] = found;
  if (object === undefined)
    throw new TiltfileError(`No object identified by the fragment "${fragment}" could be found.`);
  if (found.length > 1)
    throw new TiltfileError(
      `"${fragment}" is not a unique fragment. Objects that match are ${found.map((one) => fragments(one)[2]).join(", ")}`,
    );
  const index = uncategorized.indexOf(object);
  if (index === -1)
    throw new TiltfileError(
      `No object identified by the fragment "${fragment}" could be found in remaining YAML.`,
    );
  uncategorized.splice(index, 1);
  return object;
}

function createResource(from: Manifest): Resource {
  return {
    name: from.name,
    objects: from.objects ?? [],
    images: from.images ?? [],
    dependencies: [...(from.resource_deps ?? [])],
    labels: listOf(from.labels),
    links: [],
    portForwards: [],
    manual: from.trigger_mode === "manual",
  };
}

function addResource(resources: Resource[], resource: Resource): void {
  checkNameIsFree(resources, resource.name);
  resources.push(resource);
}

function checkNameIsFree(resources: readonly Resource[], name: string): void {
  if (resources.some((resource) => resource.name === name))
    throw new TiltfileError(`k8s_resource named "${name}" already exists`);
}

function listOf(value: Manifest): Manifest[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
