import { durable, stream } from "@takings/wire";
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  nanos,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "nats";

/** The settings of the stream that installations choose. */
export type TopologyOptions = {
  readonly replicas: number;
  /** The most the stream may hold; when full it refuses events, so that it discards none that are unread. */
  readonly maxBytes: number;
};

/**
 * The stream's configuration. Limits retention keeps events until the purger removes them, discard `new` refuses new
 * events rather than discarding old ones, there is no age at which unread events expire, and no message limit in addition
 * to the byte limit, because a server with two limits has confirmed messages that it did not store (nats-server issue
 * 4771).
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

/** The durable's configuration: explicit acknowledgement, unlimited redelivery, not deleted when idle. */
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
