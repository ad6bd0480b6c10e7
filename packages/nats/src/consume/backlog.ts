import { stream } from "@takings/wire";
import { findMessage, requestDurableInfo, requestStreamInfo } from "../jetstream-api.ts";
import { type NatsLink, requireConnection } from "../nats-link.ts";

/** What is still to be committed, and the state of the durable and the stream. */
export type Backlog = {
  /** Not delivered yet, or delivered and not acknowledged: either alone can hide a standstill. */
  readonly pending: number;
  /** When the oldest of them was stored; `undefined` when there is none. */
  readonly oldest: Date | undefined;
  /** Delivered and not acknowledged. */
  readonly ackPending: number;
  /** How many the server lets `ackPending` become; -1 without a limit. */
  readonly maxAckPending: number;
  /** Those of `ackPending` that were delivered more than once. */
  readonly redelivered: number;
  /** Everything up to this sequence of the stream is acknowledged. */
  readonly ackFloor: number;
  /** Pulls that wait for events, of all consumers. */
  readonly waitingPulls: number;
  readonly streamBytes: number;
  /** What the stream may hold; `undefined` without a limit. */
  readonly streamLimitBytes: number | undefined;
};

/** @throws TakingsError `unavailable` when NATS is away, JetStreamError when the durable or the stream is missing. */
export async function readBacklog(link: NatsLink): Promise<Backlog> {
  const { nats } = requireConnection(link);
  const [durable, { config, state }] = await Promise.all([requestDurableInfo(nats), requestStreamInfo(nats)]);
  const pending = durable.num_pending + durable.num_ack_pending;
  const ackFloor = durable.ack_floor.stream_seq;
  const next = { seq: ackFloor + 1, next_by_subj: stream.subjects };
  const oldest = pending === 0 ? undefined : await findMessage(nats, next);
  return {
    pending,
    oldest: oldest && new Date(oldest.storedAt),
    ackPending: durable.num_ack_pending,
    maxAckPending: durable.config.max_ack_pending ?? -1,
    redelivered: durable.num_redelivered,
    ackFloor,
    waitingPulls: durable.num_waiting,
    streamBytes: state.bytes,
    streamLimitBytes: config.max_bytes > 0 ? config.max_bytes : undefined,
  };
}
