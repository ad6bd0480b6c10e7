import { stream } from "@takings/wire";
import {
  type DurabilityFault,
  type DurabilityNeeds,
  faultsIn,
  type DurabilityCheckResult,
} from "./durability.ts";
import type { LiveConnection, NatsLink } from "./nats-link.ts";
import { queryServers, type ServerFacts, type ServerHealth } from "./server-monitor.ts";

/** A load balancer before several servers leads to the right one sooner or later. */
const maxAttempts = 8;

/**
 * Makes a look at the servers behind the monitoring URLs, which names everything because of which a confirmed event could
 * still be lost. A confirmation is sent before the file is synced unless the server runs with `sync_interval: always`
 * (https://docs.nats.io, JetStream, "Syncing data to disk"), and no server changes that without a restart. Every server
 * that answers is judged, and on each connection the server that it leads to must have been among them once.
 * The look throws where no server answers, so that nothing is known.
 */
export function createServerCheck(
  link: NatsLink,
  needs: DurabilityNeeds,
): () => Promise<readonly DurabilityFault[]> {
  let lastSeen: LiveConnection | undefined;
  return async () => {
    const connection = link.live();
    if (connection === undefined) throw new Error("no connection to NATS");
    const { server_id: connected, server_name: name } = connection.nats.info ?? {};
    const servers = new Map<string, ServerFacts>();
    const health: ServerHealth[] = [];
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const answers = await queryServers(needs.monitorUrls);
      for (const facts of answers.servers) servers.set(facts.server_id, facts);
      health.push(...answers.health);
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
        `NATS_MONITOR_URL leads to ${others.join(", ")} and not to ${name} (${connected}), which ingress is connected to; fix: give the monitoring URL of every server of NATS_URL, separated by commas, or a host name that stands for all of them`,
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

/** A server stores nothing any more in a stream whose disk failed once. */
function checkHealth({ errors }: ServerHealth): readonly DurabilityCheckResult[] {
  return (
    errors
      // A replica that is still catching up is reported too, and is no reason for doubt.
      .filter((one) => one.stream === stream.name && one.error.includes("write error"))
      .map(({ error }) => [
        "health",
        false,
        `a server says: ${error}; fix: see to its disk, then restart it (docs/runbooks/recovery.md)`,
      ])
  );
}
