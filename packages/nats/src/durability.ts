import { stream } from "@takings/wire";
import { z } from "zod";
import { ask } from "./jetstream-api.ts";
import type { NatsLink } from "./nats-link.ts";
import { askHealth, askServer, type ServerFacts, type ServerHealth } from "./server-monitor.ts";

export type DurabilityNeeds = {
  /** Base URL of the server's monitoring port. */
  readonly monitorUrl: string;
  readonly replicas: number;
  /** The largest message that ingress may publish, headers included. */
  readonly messageBytes: number;
};

/** Something because of which a confirmed event could still be lost. */
export type DurabilityFault = {
  /** One of a few words, for metrics. */
  readonly check: DurabilityCheck;
  /** What is wrong and what mends it. */
  readonly message: string;
};

/** Everything that is looked at. */
export const durabilityChecks = [
  "subjects",
  "storage",
  "retention",
  "discard",
  "max_age",
  "message_ttl",
  "size_limit",
  "confirms",
  "persist_mode",
  "rollup",
  "mirror",
  "replicas",
  "message_size",
  "sync",
  "health",
] as const;
export type DurabilityCheck = (typeof durabilityChecks)[number];

const streamInfo = z.object({
  config: z.object({
    subjects: z.array(z.string()).default([]),
    storage: z.string(),
    retention: z.string(),
    discard: z.string(),
    num_replicas: z.number(),
    max_age: z.number().default(0),
    max_msgs: z.number().default(-1),
    max_msgs_per_subject: z.number().default(-1),
    max_bytes: z.number().default(-1),
    max_msg_size: z.number().default(-1),
    no_ack: z.boolean().default(false),
    persist_mode: z.string().optional(),
    sealed: z.boolean().default(false),
    allow_rollup_hdrs: z.boolean().default(false),
    allow_msg_ttl: z.boolean().default(false),
    mirror: z.unknown().optional(),
  }),
});
type StreamFacts = z.output<typeof streamInfo>["config"];

/**
 * Looks at the stream and the server and names everything because of which a confirmed event could still be
 * lost; empty when the promise holds. A confirmation is sent before the file is synced unless the server runs
 * with `sync_interval: always` (https://docs.nats.io, JetStream, "Syncing data to disk").
 * @throws when the stream or the server cannot be asked, so nothing is known.
 */
export async function durabilityFaults(
  link: NatsLink,
  needs: DurabilityNeeds,
): Promise<readonly DurabilityFault[]> {
  const [info, server, health] = await Promise.all([
    askStream(link),
    askServer(needs.monitorUrl),
    askHealth(needs.monitorUrl),
  ]);
  const judgements = [
    ...judgeStream(info.config, needs),
    ...judgeServer(server, needs),
    ...judgeHealth(health),
  ];
  return judgements.filter(([, holds]) => !holds).map(([check, , message]) => ({ check, message }));
}

async function askStream(link: NatsLink): Promise<z.output<typeof streamInfo>> {
  const connection = link.live();
  if (connection === undefined) throw new Error("no connection to NATS");
  const what = `stream ${stream.name}`;
  return ask(connection.nats, { subject: `STREAM.INFO.${stream.name}`, answer: streamInfo, what });
}

type Judgement = readonly [check: DurabilityCheck, holds: boolean, message: string];

const name = `stream ${stream.name}`;
const update = "mend: run `takings stream`, or correct the Stream resource of whoever owns it";
const remake =
  "mend: this cannot be changed, so empty the stream and make it anew (docs/runbooks/recovery.md, lost stream)";

function judgeStream(config: StreamFacts, needs: DurabilityNeeds): readonly Judgement[] {
  return [...judgeTaking(config, needs), ...judgeKeeping(config)];
}

/** Whether the stream takes in every event, and confirms no earlier than it has it. */
function judgeTaking(config: StreamFacts, needs: DurabilityNeeds): readonly Judgement[] {
  const isMirror = config.mirror !== undefined && config.mirror !== null;
  const takesMessages = config.max_msg_size <= 0 || config.max_msg_size >= needs.messageBytes;
  return [
    [
      "subjects",
      config.subjects.includes(stream.subjects),
      `${name} does not hold ${stream.subjects}; ${isMirror ? remake : update}`,
    ],
    ["mirror", !isMirror, `${name} is a mirror, which stores no events of ours; ${remake}`],
    ["confirms", !config.no_ack && !config.sealed, `${name} does not confirm (no_ack or sealed); ${remake}`],
    [
      "persist_mode",
      config.persist_mode !== "async",
      `${name} has async persist mode, which confirms before it stores; ${remake}`,
    ],
    [
      "replicas",
      config.num_replicas >= needs.replicas,
      `${name} has ${config.num_replicas} replica(s); REQUIRE_STREAM_REPLICAS is ${needs.replicas}; mend: run \`takings stream\` with STREAM_REPLICAS=${needs.replicas}, or correct the Stream resource of whoever owns it`,
    ],
    [
      "message_size",
      takesMessages,
      `${name} takes messages of ${config.max_msg_size} bytes; MAX_BODY_BYTES needs ${needs.messageBytes}; mend: lower MAX_BODY_BYTES, or raise max_msg_size`,
    ],
  ];
}

/** Whether the stream keeps what it has until somebody removes it. */
function judgeKeeping(config: StreamFacts): readonly Judgement[] {
  const hasOneLimit = (config.max_msgs <= 0 || config.max_bytes <= 0) && config.max_msgs_per_subject <= 0;
  return [
    [
      "storage",
      config.storage === "file",
      `${name} has ${config.storage} storage; it must be file; ${remake}`,
    ],
    [
      "retention",
      config.retention === "limits",
      `${name} has ${config.retention} retention; it must be limits; ${remake}`,
    ],
    [
      "discard",
      config.discard === "new",
      `${name} discards ${config.discard} messages when full; it must refuse new ones; ${update}`,
    ],
    [
      "max_age",
      config.max_age === 0,
      `${name} has a max_age, so unread events can expire; it must be 0; ${update}`,
    ],
    [
      "message_ttl",
      !config.allow_msg_ttl,
      `${name} lets messages expire by themselves (allow_msg_ttl); ${remake}`,
    ],
    [
      "size_limit",
      hasOneLimit,
      `${name} has two size limits; set only max_bytes, and no max_msgs or max_msgs_per_subject; ${update}`,
    ],
    [
      "rollup",
      !config.allow_rollup_hdrs,
      `${name} lets a message replace earlier ones (allow_rollup_hdrs); ${update}`,
    ],
  ];
}

function judgeServer(server: ServerFacts, needs: DurabilityNeeds): readonly Judgement[] {
  return [
    [
      "sync",
      server.jetstream.config?.sync_always === true,
      "the server confirms before it syncs to disk; mend: set jetstream { sync_interval: always } in its configuration and restart it",
    ],
    [
      "message_size",
      server.max_payload >= needs.messageBytes,
      `the server's max_payload is ${server.max_payload}; MAX_BODY_BYTES needs ${needs.messageBytes}; mend: lower MAX_BODY_BYTES, or raise max_payload`,
    ],
  ];
}

/** A disk that failed once is not trusted by the server any more, but it goes on to know ids that it did not sync. */
function judgeHealth({ errors }: ServerHealth): readonly Judgement[] {
  return (
    errors
      // A replica that is still catching up is reported too, and is no reason for doubt.
      .filter((one) => one.stream === stream.name && one.error.includes("write error"))
      .map(({ error }) => [
        "health",
        false,
        `the server says: ${error}; mend: see to its disk, then restart it (docs/runbooks/recovery.md)`,
      ])
  );
}
