import { durable, stream } from "@takings/wire";
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  type NatsConnection,
  NatsError,
  nanos,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "nats";

export type TopologyOptions = {
  readonly replicas: number;
  /** The most the stream may hold; beyond it the stream refuses, so that nothing unread is forgotten. */
  readonly maxBytes: number;
};

const noSuchStream = 10_059;
const noSuchConsumer = 10_014;

/**
 * The stream as the promise needs it. Limits retention keeps events until the purge job, discard `new` refuses
 * rather than forgets, no age lets an unread event expire, and no message count stands beside the byte limit,
 * because a server with two limits has confirmed what it did not store (nats-server issue 4771).
 */
export function streamConfig(options: TopologyOptions): Partial<StreamConfig> & { allow_atomic: boolean } {
  return {
    name: stream.name,
    description: "Stripe events as received; read by takings",
    subjects: [stream.subjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    num_replicas: options.replicas,
    max_bytes: options.maxBytes,
    max_msgs: -1,
    max_msgs_per_subject: -1,
    max_age: 0,
    allow_rollup_hdrs: false,
    max_msg_size: stream.maxMessageBytes,
    duplicate_window: nanos(stream.duplicateWindowMs),
    allow_direct: true,
    allow_atomic: true,
    deny_delete: true,
  };
}

/** The durable: explicit acknowledgement, redelivery for ever, never collected for being idle. */
export function durableConfig(): Partial<ConsumerConfig> {
  return {
    durable_name: durable.name,
    name: durable.name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(durable.ackWaitMs),
    max_ack_pending: durable.maxAckPending,
    max_deliver: -1,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
  };
}

/** What an existing durable may have been given, and must not have. */
const cleared: Partial<Record<keyof ConsumerConfig, undefined>> = {
  filter_subject: undefined,
  filter_subjects: undefined,
  headers_only: undefined,
  inactive_threshold: undefined,
  backoff: undefined,
};

/** Creates the stream and its durable, or brings existing ones to this configuration. Needs an admin's rights. */
export async function applyTopology(nats: NatsConnection, options: TopologyOptions): Promise<void> {
  const manager = await nats.jetstreamManager();
  const config = streamConfig(options);
  try {
    await manager.streams.update(stream.name, config);
  } catch (error) {
    if (!hasCode(error, noSuchStream)) throw error;
    await manager.streams.add(config);
  }
  try {
    // Where a durable begins is settled when it is made, and a replay makes one that begins elsewhere.
    const { deliver_policy: _, ...settings } = durableConfig();
    await manager.consumers.update(stream.name, durable.name, { ...settings, ...cleared } as typeof settings);
  } catch (error) {
    if (!hasCode(error, noSuchConsumer)) throw error;
    await manager.consumers.add(stream.name, durableConfig());
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof NatsError && error.api_error?.err_code === code;
}
