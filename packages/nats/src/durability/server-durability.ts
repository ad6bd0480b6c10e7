import { stream } from "@takings/wire";
import {
  type DurabilityFault,
  type DurabilityNeeds,
  faultsIn,
  type DurabilityCheckResult,
} from "./durability.ts";
import { type LiveConnection, type NatsLink, requireConnection } from "../nats-link.ts";
import { queryServers, type ServerFacts, type ServerHealth } from "./server-monitor.ts";

/** A load balancer in front of several servers routes to the right one within a few attempts. */
const maxAttempts = 8;

/**
 * Creates a check of the servers behind the monitoring URLs that returns everything because of which a confirmed event
 * could still be lost. A confirmation is sent before the file is synced unless the server runs with
 * `sync_interval: always` (https://docs.nats.io, JetStream, "Syncing data to disk"), and no server changes that without a
 * restart. Every server that responds is checked, and on each connection the connected server must have been among them
 * once. The check throws when no server responds, because nothing is known then.
 */
export function createServerCheck(
  link: NatsLink,
  needs: DurabilityNeeds,
): () => Promise<readonly DurabilityFault[]> {
  let lastSeen: LiveConnection | undefined;
  return async () => {
    const connection = requireConnection(link);
    const { server_id: connected, server_name: name } = connection.nats.info ?? {};
    const servers = new Map<string, ServerFacts>();
    const health: ServerHealth[] = [];
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const responses = await queryServers(needs.monitorUrls, needs.caFile);
      for (const facts of responses.servers) servers.set(facts.server_id, facts);
      health.push(...responses.health);
      if (connected !== undefined && servers.has(connected)) lastSeen = connection;
      if (lastSeen === connection) break;
    }
    const others = [...servers.values()].map((server) => `${server.server_name} (${server.server_id})`);
    return faultsIn([
      ...[...servers.values()].flatMap((server) => checkServer(server, needs)),
      ...health.flatMap(checkHealth),
      [
        "server",
        lastSeen === connection,
        `NATS_MONITOR_URL leads to ${others.join(", ")} and not to ${name} (${connected}), which ingress is connected to; fix: give the monitoring URL of every server of NATS_URL, separated by commas, or a host name that resolves to all of them`,
      ],
    ]);
  };
}

function checkServer(server: ServerFacts, needs: DurabilityNeeds): readonly DurabilityCheckResult[] {
  return [
    [
      "sync",
      server.jetstream.config?.sync_always === true,
      `server ${server.server_name} confirms before it syncs to disk; fix: set jetstream { sync_interval: always } in its configuration and restart it`,
    ],
    [
      "message_size",
      server.max_payload >= needs.messageBytes,
      `max_payload of server ${server.server_name} is ${server.max_payload}; MAX_BODY_BYTES needs ${needs.messageBytes}; fix: lower MAX_BODY_BYTES, or raise max_payload`,
    ],
  ];
}

/** After a failed write a server stores nothing more in that stream. */
function checkHealth({ errors }: ServerHealth): readonly DurabilityCheckResult[] {
  return (
    errors
      // A replica that is still catching up is reported too, and is no fault.
      .filter((one) => one.stream === stream.name && one.error.includes("write error"))
      .map(({ error }) => [
        "health",
        false,
        `a server reports: ${error}; fix: check its disk, then restart it (docs/runbooks/recovery.md)`,
      ])
  );
}
