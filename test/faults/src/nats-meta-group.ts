import { eventually } from "@takings/testkit";

/** What is read of https://docs.nats.io, monitoring, `/jsz`. Only the leader lists the other servers. */
type MetaPage = {
  readonly meta_cluster?: {
    readonly replicas?: readonly { readonly current: boolean; readonly offline?: boolean }[];
  };
};

const formedWithinMs = 20_000;

/**
 * Resolves once the servers have elected a leader that has all of them as current peers. Until then a stream with replicas
 * cannot be placed.
 */
export async function untilClusterIsFormed(monitorUrls: readonly string[]): Promise<void> {
  const isLeading = async (url: string): Promise<boolean> => {
    const { meta_cluster: meta } = (await (await fetch(`${url}/jsz`)).json()) as MetaPage;
    const peers = meta?.replicas ?? [];
    return peers.length === monitorUrls.length - 1 && peers.every((peer) => peer.current && !peer.offline);
  };
  const anyLeads = async (): Promise<boolean> =>
    (await Promise.all(monitorUrls.map((url) => isLeading(url).catch(() => false)))).includes(true);
  await eventually("the NATS servers to be one cluster", anyLeads, formedWithinMs, 100);
}
