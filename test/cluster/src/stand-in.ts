import type { Cluster } from "./cluster.ts";

/** What the stand-in in a Deployment says that it has checked; empty for the real program. */
export async function standInChecks(cluster: Cluster, deployment: string): Promise<readonly string[]> {
  const log = await cluster.kubectl(["logs", `deployment/${deployment}`]);
  return [...log.matchAll(/^stand-in: checked (.*)$/gm)].map(([, title = ""]) => title);
}
