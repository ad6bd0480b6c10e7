import { stream } from "@takings/wire";
import { z } from "zod";
import {
  type DurabilityFault,
  type DurabilityNeeds,
  faultsIn,
  type DurabilityCheckResult,
} from "./durability.ts";
import { requestApi } from "./jetstream-api.ts";
import type { NatsLink } from "./nats-link.ts";

const streamInfo = z.object({
  created: z.string().min(1),
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
  state: z.object({ first_seq: z.number() }),
});
type StreamFacts = z.output<typeof streamInfo>["config"];

/** The stream as it was seen at one moment. */
export type StreamInspection = {
  /** Everything in its configuration because of which a confirmed event could still be lost. */
  readonly faults: readonly DurabilityFault[];
  /** Tells this stream from one that was made anew under its name. */
  readonly created: string;
  /** The first sequence it holds; everything before it is purged. */
  readonly firstSequence: number;
};

/** Looks at the stream, which anybody with the right may change at any moment. @throws when it cannot be asked. */
export async function inspectStream(
  link: NatsLink,
  needs: Pick<DurabilityNeeds, "replicas" | "messageBytes">,
): Promise<StreamInspection> {
  const connection = link.live();
  if (connection === undefined) throw new Error("no connection to NATS");
  const what = `stream ${stream.name}`;
  const subject = `STREAM.INFO.${stream.name}`;
  const { config, created, state } = await requestApi(connection.nats, {
    subject,
    response: streamInfo,
    what,
  });
  const faults = faultsIn([...checkAcceptance(config, needs), ...checkRetention(config)]);
  return { created, firstSequence: state.first_seq, faults };
}

const name = `stream ${stream.name}`;
const update = "fix: run `takings stream`, or correct the Stream resource of whoever owns it";
const recreate =
  "fix: this cannot be changed, so drain and recreate the stream (docs/runbooks/recovery.md, lost stream)";

/** Whether the stream takes in every event, and confirms no earlier than it has it. */
function checkAcceptance(
  config: StreamFacts,
  needs: Pick<DurabilityNeeds, "replicas" | "messageBytes">,
): readonly DurabilityCheckResult[] {
  const isMirror = config.mirror !== undefined && config.mirror !== null;
  const takesMessages = config.max_msg_size <= 0 || config.max_msg_size >= needs.messageBytes;
  return [
    [
      "subjects",
      config.subjects.includes(stream.subjects),
      `${name} does not hold ${stream.subjects}; ${isMirror ? recreate : update}`,
    ],
    ["mirror", !isMirror, `${name} is a mirror, which stores no events of ours; ${recreate}`],
    [
      "confirms",
      !config.no_ack && !config.sealed,
      `${name} does not confirm (no_ack or sealed); ${recreate}`,
    ],
    [
      "persist_mode",
      config.persist_mode !== "async",
      `${name} has async persist mode, which confirms before it stores; ${recreate}`,
    ],
    [
      "replicas",
      config.num_replicas >= needs.replicas,
      `${name} has ${config.num_replicas} replica(s); REQUIRE_STREAM_REPLICAS is ${needs.replicas}; fix: run \`takings stream\` with STREAM_REPLICAS=${needs.replicas}, or correct the Stream resource of whoever owns it`,
    ],
    [
      "message_size",
      takesMessages,
      `${name} takes messages of ${config.max_msg_size} bytes; MAX_BODY_BYTES needs ${needs.messageBytes}; fix: lower MAX_BODY_BYTES, or raise max_msg_size`,
    ],
  ];
}

/** Whether the stream keeps what it has until somebody removes it. */
function checkRetention(config: StreamFacts): readonly DurabilityCheckResult[] {
  const hasOneLimit = (config.max_msgs <= 0 || config.max_bytes <= 0) && config.max_msgs_per_subject <= 0;
  return [
    [
      "storage",
      config.storage === "file",
      `${name} has ${config.storage} storage; it must be file; ${recreate}`,
    ],
    [
      "retention",
      config.retention === "limits",
      `${name} has ${config.retention} retention; it must be limits; ${recreate}`,
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
      `${name} lets messages expire by themselves (allow_msg_ttl); ${recreate}`,
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
