import { stream } from "@takings/wire";
import { requestStreamInfo, type StreamInfo } from "../jetstream-api.ts";
import { type NatsLink, requireConnection } from "../nats-link.ts";
import {
  type DurabilityFault,
  type DurabilityNeeds,
  faultsIn,
  type DurabilityCheckResult,
} from "./durability.ts";

type StreamConfig = StreamInfo["config"];
type StreamNeeds = Pick<DurabilityNeeds, "replicas" | "messageBytes">;

/** The stream at one time. */
export type StreamInspection = {
  /** Everything in its configuration because of which a confirmed event could still be lost. */
  readonly faults: readonly DurabilityFault[];
  /** Distinguishes this stream from one that was recreated under its name. */
  readonly created: string;
  /** The first sequence it holds; everything before it is purged. */
  readonly firstSequence: number;
};

/** Inspects the stream, which anyone with the permission can change at any time. @throws Error when it is unknown. */
export async function inspectStream(link: NatsLink, needs: StreamNeeds): Promise<StreamInspection> {
  const { config, created, state } = await requestStreamInfo(requireConnection(link).nats);
  const faults = faultsIn([...checkAcceptance(config, needs), ...checkRetention(config)]);
  return { created, firstSequence: state.first_seq, faults };
}

const name = `stream ${stream.name}`;
const update = "fix: run `takings stream`, or correct the Stream resource that owns it";
const recreate =
  "fix: this cannot be changed, so drain and recreate the stream (docs/runbooks/recovery.md#an-immutable-stream-setting-is-wrong)";

/** Whether the stream accepts every event, and confirms it no earlier than it is stored. */
function checkAcceptance(config: StreamConfig, needs: StreamNeeds): readonly DurabilityCheckResult[] {
  const isMirror = config.mirror !== undefined && config.mirror !== null;
  const acceptsSize = config.max_msg_size <= 0 || config.max_msg_size >= needs.messageBytes;
  return [
    [
      "subjects",
      config.subjects.includes(stream.subjects),
      `${name} does not hold ${stream.subjects}; ${isMirror ? recreate : update}`,
    ],
    ["mirror", !isMirror, `${name} is a mirror, which cannot store what ingress publishes; ${recreate}`],
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
      `${name} has ${config.num_replicas} replica(s); REQUIRE_STREAM_REPLICAS is ${needs.replicas}; fix: run \`takings stream\` with STREAM_REPLICAS=${needs.replicas}, or correct the Stream resource that owns it`,
    ],
    [
      "message_size",
      acceptsSize,
      `${name} accepts messages of up to ${config.max_msg_size} bytes; MAX_BODY_BYTES needs ${needs.messageBytes}; fix: lower MAX_BODY_BYTES, or raise max_msg_size`,
    ],
  ];
}

/** Whether the stream keeps every event until it is purged. */
function checkRetention(config: StreamConfig): readonly DurabilityCheckResult[] {
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
    ["message_ttl", !config.allow_msg_ttl, `${name} lets messages expire (allow_msg_ttl); ${recreate}`],
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
