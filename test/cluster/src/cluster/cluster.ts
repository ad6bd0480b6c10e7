import { eventually } from "@takings/testkit";
import { mustRun, type RunOptions } from "../run-program.ts";

/** One namespace of whatever cluster KUBECONFIG leads to. */
export type Cluster = {
  readonly namespace: string;
  /** kubectl in the namespace. */
  kubectl(args: readonly string[], options?: RunOptions): Promise<string>;
  helm(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Objects of a kind, as the API has them. */
  objects(kind: string, selector?: string): Promise<readonly KubernetesObject[]>;
  apply(manifest: object): Promise<void>;
};

/** As much of an object as the tests look at. */
type KubernetesObject = {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly phase?: string; readonly readyReplicas?: number };
};

/** Nothing is contacted yet. */
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

/** `eventually` at the pace of a cluster: checks once a second until the result is true; another one says why not. */
export async function waitFor(
  what: string,
  check: () => Promise<boolean | string>,
  withinMs = 120_000,
): Promise<void> {
  const mustBeTrue = async (): Promise<true> => {
    const seen = await check();
    if (seen === true) return true;
    throw new Error(String(seen));
  };
  await eventually(what, mustBeTrue, withinMs, 1_000);
}
