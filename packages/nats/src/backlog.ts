import { durable, stream } from "@takings/wire";
import { z } from "zod";
import { requestApi } from "./jetstream-api.ts";
import type { LiveConnection, NatsLink } from "./nats-link.ts";

/** What is still to be committed, and how the durable and the stream stand. */
export type Backlog = {
  /** Not delivered yet, or delivered and not acknowledged: either alone can hide a standstill. */
  readonly pending: number;
  /** When the oldest of them was stored; `undefined` when there is none. */
  readonly oldest: Date | undefined;
  /** Delivered and not acknowledged, and how many the server lets that become. */
  readonly ackPending: number;
  readonly maxAckPending: number;
  /** Of those, delivered more than once. */
  readonly redelivered: number;
  /** Everything up to this sequence of the stream is acknowledged. */
  readonly ackFloor: number;
  /** Pulls that wait for events: who is ready to take some. */
  readonly waitingPulls: number;
  readonly streamBytes: number;
  /** What the stream may hold; `undefined` without a limit. */
  readonly streamLimitBytes: number | undefined;
};

const consumerInfo = z.object({
  num_pending: z.number(),
  num_ack_pending: z.number(),
  num_redelivered: z.number(),
  num_waiting: z.number(),
  ack_floor: z.object({ stream_seq: z.number() }),
  config: z.object({ max_ack_pending: z.number() }),
});
const streamInfo = z.object({
  config: z.object({ max_bytes: z.number() }),
  state: z.object({ bytes: z.number() }),
});

const timeoutMs = 3_000;

/**
 * Asks the durable and the stream through JetStream's API, where their leaders answer: a follower's monitoring
 * page reports 0 pending. @throws when NATS is away, or the durable or the stream is missing.
 */
export async function readBacklog(link: NatsLink): Promise<Backlog> {
  const connection = link.live();
  if (connection === undefined) throw new Error("no connection to NATS");
  const [consumer, { config, state }] = await Promise.all([
    requestApi(connection.nats, {
      subject: `CONSUMER.INFO.${stream.name}.${durable.name}`,
      response: consumerInfo,
      what: `consumer ${durable.name}`,
    }),
    requestApi(connection.nats, {
      subject: `STREAM.INFO.${stream.name}`,
      response: streamInfo,
      what: `stream ${stream.name}`,
    }),
  ]);
  const pending = consumer.num_pending + consumer.num_ack_pending;
  const ackFloor = consumer.ack_floor.stream_seq;
  return {
    pending,
    oldest: pending === 0 ? undefined : await storedAt(connection, ackFloor + 1),
    ackPending: consumer.num_ack_pending,
    maxAckPending: consumer.config.max_ack_pending,
    redelivered: consumer.num_redelivered,
    ackFloor,
    waitingPulls: consumer.num_waiting,
    streamBytes: state.bytes,
    streamLimitBytes: config.max_bytes > 0 ? config.max_bytes : undefined,
  };
}

/** When the first message at or after a sequence was stored (ADR-31, direct get). */
async function storedAt({ nats }: LiveConnection, sequence: number): Promise<Date | undefined> {
  const wanted = JSON.stringify({ seq: sequence, next_by_subj: stream.subjects });
  const reply = await nats.request(`$JS.API.DIRECT.GET.${stream.name}`, wanted, { timeout: timeoutMs });
  const time = reply.headers?.get("Nats-Time-Stamp");
  return time ? new Date(time) : undefined;
}
