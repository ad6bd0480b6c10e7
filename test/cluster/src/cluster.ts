import { mustRun, type RunOptions } from "./run-program.ts";

/** One namespace of the cluster that KUBECONFIG names. */
export type Cluster = {
  readonly namespace: string;
  /** Runs kubectl in the namespace and returns its output. */
  kubectl(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs helm in the namespace and returns its output. */
  helm(args: readonly string[], options?: RunOptions): Promise<string>;
  /** The objects of a kind, as the API returns them. */
  objects(kind: string, selector?: string): Promise<readonly KubernetesObject[]>;
  apply(manifest: object): Promise<void>;
};

/** The fields of an object that the tests read. */
type KubernetesObject = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly phase?: string;
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly lastTransitionTime: string }[];
  };
};

/** Every kind of object that the charts create, for `Cluster.objects`. */
export const allKinds =
  "all,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets,persistentvolumeclaims,scaledobjects";
/** How long `eventually` waits for something to happen in a cluster. */
export const clusterTimeoutMs = 120_000;
/** The pause between checks of `eventually` that start kubectl. */
export const clusterPollMs = 500;

/** The manifest of a Secret. */
export function secret(name: string, stringData: object): object {
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData };
}

/** Returns access to a namespace. Contacts nothing yet. */
export function openCluster(namespace: string): Cluster {
  const kubectl = (args: readonly string[], options?: RunOptions): Promise<string> =>
    mustRun("kubectl", ["--namespace", namespace, ...args], options);
  return {
    namespace,
    kubectl,
    helm: (args, options) => mustRun("helm", ["--namespace", namespace, ...args], options),
    async objects(kind, selector) {
      const selected = selector === undefined ? [] : ["--selector", selector];
      const { items }: { items: readonly KubernetesObject[] } = JSON.parse(
        await kubectl(["get", kind, ...selected, "--output", "json"]),
      );
      return items;
    },
    async apply(manifest) {
      await kubectl(["apply", "--server-side", "--filename", "-"], { input: JSON.stringify(manifest) });
    },
  };
}
