import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { runProgram } from "../run-program.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import { TiltfileError } from "./run-tiltfile.ts";

/** A resource as Tilt itself made it. */
export type LoadedResource = {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly dependencies: readonly string[];
};

const context = "kind-takings";
// Loading a Tiltfile asks no cluster, but Tilt wants to know which one it would be.
const kubeconfig = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: context, cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: context, user: {} }],
  contexts: [{ name: context, context: { cluster: context, user: context } }],
  "current-context": context,
});

/**
 * Loads a Tiltfile with the program `tilt`, which fetches the extensions from GitHub.
 * @throws TiltfileError with Tilt's words when it refuses the Tiltfile
 */
export async function loadWithTilt(file: string): Promise<readonly LoadedResource[]> {
  const dir = mkdtempSync(join(tmpdir(), "takings-tilt-"));
  try {
    const config = join(dir, "kubeconfig");
    writeFileSync(config, kubeconfig);
    const args = [`KUBECONFIG=${config}`, "tilt", "alpha", "tiltfile-result", "--verbose", "--file", file];
    const { code, stdout, stderr } = await runProgram("env", args, { cwd: dirname(file) });
    if (code !== 0) throw new TiltfileError(stderr);
    return JSON.parse(stdout).Manifests.map(toResource);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

type Loaded = {
  readonly Name: string;
  readonly DeployTarget?: { readonly yaml?: string };
  readonly ResourceDependencies?: readonly string[] | null;
};

function toResource({ Name, DeployTarget, ResourceDependencies }: Loaded): LoadedResource {
  return {
    name: Name,
    objects: parseAllDocuments(DeployTarget?.yaml ?? "").flatMap((document) => document.toJS() ?? []),
    dependencies: ResourceDependencies ?? [],
  };
}
