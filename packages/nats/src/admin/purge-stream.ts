import { stream } from "@takings/wire";
import type { NatsConnection } from "nats";
import { z } from "zod";
import { durableFaults } from "../durable-faults.ts";
import { findMessage, requestApi, requestDurableInfo, requestStreamInfo } from "../jetstream-api.ts";
import { identityOf } from "../stream-identity.ts";
import { generationsOf } from "./generations.ts";

/** What must be known of the stream before any of it may be purged. */
export type StreamExtent = {
  /**
   * The identities under which committed sequences were recorded, latest first, each for the sequences from its own `from`
   * to that of the one before it.
   */
  readonly generations: readonly { readonly identity: string; readonly from: number }[];
  /** First and last sequence; `last` is below `first` when the stream is empty. */
  readonly first: number;
  readonly last: number;
  /** Sequences in between that are already deleted. */
  readonly deleted: readonly number[];
  /** Up to here everything is acknowledged. */
  readonly ackFloor: number;
  /** The server's time. */
  readonly serverTime: Date;
};

const purgeResponse = z.object({ success: z.literal(true), purged: z.number() });

const purgeTimeoutMs = 60_000;
const directGetTimeoutMs = 5_000;

/**
 * Reads which sequences the stream holds and up to where they are acknowledged.
 * @throws Error when the durable is missing, or could have acknowledged events that it skipped.
 */
export async function readExtent(nats: NatsConnection): Promise<StreamExtent> {
  const { created, state, ts: serverTime } = await requestStreamInfo(nats, { withDeleted: true });
  const durable = await requestDurableInfo(nats);
  const faults = durableFaults(durable.config);
  if (faults.length > 0) throw new Error(`its acknowledgements cannot be trusted: ${faults.join("; ")}`);
  return {
    generations: generationsOf(durable).map((generation) => ({
      identity: identityOf(created, generation.created),
      from: generation.from,
    })),
    first: state.first_seq,
    last: state.last_seq,
    deleted: state.deleted ?? [],
    ackFloor: durable.ack_floor.stream_seq,
    serverTime,
  };
}

/** The sequence of the first message stored at or after an instant; `undefined` when there is none. */
export async function firstStoredSince(nats: NatsConnection, instant: Date): Promise<number | undefined> {
  const query = { start_time: instant.toISOString(), next_by_subj: stream.subjects };
  return (await findMessage(nats, query, directGetTimeoutMs))?.sequence;
}

/** Removes everything below a sequence and returns how many messages it removed. @throws Error when that is unknown. */
export async function purgeBelow(nats: NatsConnection, sequence: number): Promise<number> {
  const { purged } = await requestApi(nats, {
    subject: `STREAM.PURGE.${stream.name}`,
    body: { seq: sequence },
    response: purgeResponse,
    what: `purging stream ${stream.name}`,
    timeoutMs: purgeTimeoutMs,
  });
  return purged;
}
