import { stream } from "@takings/wire";
import { requestStreamInfo, type StreamInfo } from "../jetstream-api.ts";
import { type LiveConnection, type NatsLink, requireConnection } from "../nats-link.ts";
import {
  type DurabilityCheckResult,
  type DurabilityFault,
  type DurabilityNeeds,
  faultsIn,
} from "./durability.ts";
import { queryServers, type ServerReport } from "./server-monitor.ts";

/** A load balancer in front of several servers routes to the right ones within a few attempts. */
const maxAttempts = 8;
/** How long a server that stops responding still counts as it was. */
const reportValidMs = 60_000;

/**
 * A follower that the leader has not heard from for this long confirms nothing. A server that is killed or loses its network
 * is shown as offline only minutes later.
 */
const awayAfterNs = 10_000_000_000;

/** What a server reported last, and when it was asked, by the clock of the check. */
type KnownServer = ServerReport & { readonly at: number };

/**
 * Creates a check of the servers behind the monitoring URLs that returns everything because of which a confirmed event
 * could still be lost. A confirmation is sent before the file is synced unless the server runs with
 * `sync_interval: always` (https://docs.nats.io, JetStream, "Syncing data to disk"), and no server changes that without a
 * restart. So each server that holds a replica of the stream must have responded within the last minute, and since it was
 * last away; the connected one must have responded once on this connection, which a restart would end.
 * The check throws when no server responds and none is known, or the stream's replicas are unknown.
 * @param now milliseconds of a monotonic clock.
 */
export function createServerCheck(
  link: NatsLink,
  needs: DurabilityNeeds,
  now: () => number = () => performance.now(),
): () => Promise<readonly DurabilityFault[]> {
  const known = new Map<string, KnownServer>();
  let lastSeen: LiveConnection | undefined;
  return async () => {
    const connection = requireConnection(link);
    const { server_id: connected = "", server_name: connectedName } = connection.nats.info ?? {};
    const holders = holdersIn(await requestStreamInfo(connection.nats));
    const online = holders.filter(({ isOnline }) => isOnline).map(({ name }) => name);
    for (const { name, isOnline } of holders) if (!isOnline) known.delete(name);

    const began = now();
    let failures: readonly string[] = [];
    for (let attempt = 0; attempt < maxAttempts && failures.length === 0; attempt += 1) {
      const responses = await queryServers(needs.monitorUrls, needs.caFile);
      ({ failures } = responses);
      for (const report of responses.reports) {
        known.set(report.facts.server_name, { ...report, at: began });
        if (report.facts.server_id === connected) lastSeen = connection;
      }
      if (lastSeen === connection && online.every((name) => known.get(name)?.at === began)) break;
    }
    if (known.size === 0) throw new Error(failures.join("; "));
    for (const [name, { facts, at }] of known)
      if (facts.server_id !== connected && began - at > reportValidMs) known.delete(name);

    const servers = [...known.values()];
    const names = servers.map(({ facts }) => `${facts.server_name} (${facts.server_id})`).join(", ");
    return faultsIn([
      ...servers.flatMap((server) => checkServer(server, needs)),
      [
        "server",
        lastSeen === connection,
        `NATS_MONITOR_URL leads to ${names} and not to ${connectedName} (${connected}), which ingress is connected to; ${giveAll}`,
      ],
      ...online.map(
        (name): DurabilityCheckResult => [
          "server",
          known.has(name),
          `NATS_MONITOR_URL leads to ${names} and not to ${name}, which holds a replica of stream ${stream.name}${because(failures)}; ${giveAll}`,
        ],
      ),
    ]);
  };
}

const giveAll =
  "fix: give the monitoring URL of every server of NATS_URL, separated by commas, or a host name that resolves to all of them";

function because(failures: readonly string[]): string {
  return failures.length === 0 ? "" : ` (${failures.join("; ")})`;
}

type Holder = { readonly name: string; readonly isOnline: boolean };

/** The servers that hold a replica; the leader, which responds, is the only one where there is no cluster. */
function holdersIn({ cluster: { leader, replicas } }: StreamInfo): readonly Holder[] {
  const followers = replicas.map(({ name, offline, active }) => ({
    name,
    isOnline: !offline && active < awayAfterNs,
  }));
  return leader === undefined ? followers : [{ name: leader, isOnline: true }, ...followers];
}

function checkServer({ facts, health }: ServerReport, needs: DurabilityNeeds): DurabilityCheckResult[] {
  const { server_name: name, max_payload: maxPayload, jetstream } = facts;
  return [
    [
      "sync",
      // Without a configuration JetStream has not started yet or is stopped: the server stores nothing.
      jetstream.config?.sync_always !== false,
      `server ${name} confirms before it syncs to disk; fix: set jetstream { sync_interval: always } in its configuration and restart it`,
    ],
    [
      "message_size",
      maxPayload >= needs.messageBytes,
      `max_payload of server ${name} is ${maxPayload}; MAX_BODY_BYTES needs ${needs.messageBytes}; fix: lower MAX_BODY_BYTES, or raise max_payload`,
    ],
    ...health.errors
      // After a failed write a server stores nothing more in that stream. Catching up is reported too, and is no fault.
      .filter((one) => one.stream === stream.name && one.error.includes("write error"))
      .map(
        ({ error }): DurabilityCheckResult => [
          "health",
          false,
          `server ${name} reports: ${error}; fix: check its disk, then restart it (docs/runbooks/recovery.md)`,
        ],
      ),
  ];
}
