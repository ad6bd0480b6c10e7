import { stream } from "@takings/wire";
import { z } from "zod";
import type { NatsLink } from "./nats-link.ts";

export type DurabilityNeeds = {
  /** Base URL of the server's monitoring port. */
  readonly monitorUrl: string;
  readonly replicas: number;
  /** The largest message that ingress may publish, headers included. */
  readonly messageBytes: number;
};

const streamInfo = z.object({
  config: z.object({
    subjects: z.array(z.string()).default([]),
    storage: z.string(),
    retention: z.string(),
    discard: z.string(),
    num_replicas: z.number(),
    max_age: z.number().default(0),
    max_msgs: z.number().default(-1),
    max_bytes: z.number().default(-1),
    max_msg_size: z.number().default(-1),
    no_ack: z.boolean().default(false),
    persist_mode: z.string().optional(),
    sealed: z.boolean().default(false),
    mirror: z.unknown().optional(),
  }),
});

const serverVariables = z.object({
  max_payload: z.number(),
  jetstream: z.object({ config: z.object({ sync_always: z.boolean().default(false) }).optional() }),
});

const timeoutMs = 3_000;

/**
 * Looks at the stream and the server and names everything because of which a confirmed event could still be
 * lost; empty when the promise holds. A confirmation is sent before the file is synced unless the server runs
 * with `sync_interval: always` (https://docs.nats.io, JetStream, "Syncing data to disk").
 * @throws when the stream or the server cannot be asked, so nothing is known.
 */
export async function durabilityFaults(link: NatsLink, needs: DurabilityNeeds): Promise<readonly string[]> {
  const [info, server] = await Promise.all([askStream(link), askServer(needs.monitorUrl)]);
  return [...streamFaults(info.config, needs), ...serverFaults(server, needs)];
}

async function askStream(link: NatsLink): Promise<z.output<typeof streamInfo>> {
  const connection = link.live();
  if (connection === undefined) throw new Error("no connection to NATS");
  const reply = await connection.nats.request(`$JS.API.STREAM.INFO.${stream.name}`, "", {
    timeout: timeoutMs,
  });
  const answer: unknown = reply.json();
  const { error } = z.object({ error: z.object({ description: z.string() }).optional() }).parse(answer);
  if (error !== undefined) throw new Error(`stream ${stream.name}: ${error.description}`);
  return streamInfo.parse(answer);
}

async function askServer(monitorUrl: string): Promise<z.output<typeof serverVariables>> {
  const response = await fetch(new URL("/varz", monitorUrl), { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${monitorUrl}/varz answers ${response.status}`);
  return serverVariables.parse(await response.json());
}

function streamFaults(config: z.output<typeof streamInfo>["config"], needs: DurabilityNeeds): string[] {
  const name = `stream ${stream.name}`;
  const checks: [boolean, string][] = [
    [config.subjects.includes(stream.subjects), `${name} does not hold ${stream.subjects}`],
    [config.storage === "file", `${name} has ${config.storage} storage; it must be file`],
    [config.retention === "limits", `${name} has ${config.retention} retention; it must be limits`],
    [
      config.discard === "new",
      `${name} discards ${config.discard} messages when full; it must refuse new ones`,
    ],
    [config.max_age === 0, `${name} has a max_age, so unread events can expire; it must be 0`],
    [config.max_msgs <= 0 || config.max_bytes <= 0, `${name} has two size limits; set only max_bytes`],
    [!config.no_ack && !config.sealed, `${name} does not confirm (no_ack or sealed)`],
    [config.persist_mode !== "async", `${name} has async persist mode, which confirms before it stores`],
    [
      config.mirror === undefined || config.mirror === null,
      `${name} is a mirror, which stores no events of ours`,
    ],
    [
      config.num_replicas >= needs.replicas,
      `${name} has ${config.num_replicas} replica(s); REQUIRE_STREAM_REPLICAS is ${needs.replicas}`,
    ],
    [
      config.max_msg_size <= 0 || config.max_msg_size >= needs.messageBytes,
      `${name} takes messages of ${config.max_msg_size} bytes; MAX_BODY_BYTES needs ${needs.messageBytes}`,
    ],
  ];
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}

function serverFaults(server: z.output<typeof serverVariables>, needs: DurabilityNeeds): string[] {
  const faults: string[] = [];
  if (server.jetstream.config?.sync_always !== true) {
    faults.push("the server confirms before it syncs to disk; set jetstream { sync_interval: always }");
  }
  if (server.max_payload < needs.messageBytes) {
    faults.push(
      `the server's max_payload is ${server.max_payload}; MAX_BODY_BYTES needs ${needs.messageBytes}`,
    );
  }
  return faults;
}
