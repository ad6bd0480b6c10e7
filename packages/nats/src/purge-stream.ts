import { durable, stream } from "@takings/wire";
import type { NatsConnection } from "nats";
import { z } from "zod";
import { durableFaults } from "./durable-faults.ts";
import { durableGenerations, generationsOf } from "./generations.ts";
import { requestApi } from "./jetstream-api.ts";
import { identityOf } from "./stream-identity.ts";

/** What has to be known of the stream before anything of it may go. */
export type StreamExtent = {
  /**
   * Under which identities what is committed was noted, latest first, each for the sequences from its own `from` to that
   * of the one before it.
   */
  readonly generations: readonly { readonly identity: string; readonly from: number }[];
  /** First and last sequence; `last` is below `first` when the stream is empty. */
  readonly first: number;
  readonly last: number;
  /** Sequences in between that are gone already. */
  readonly deleted: readonly number[];
  /** Up to here the durable has everything acknowledged. */
  readonly ackFloor: number;
};

const streamResponse = z.object({
  created: z.string().min(1),
  state: z.object({
    first_seq: z.number(),
    last_seq: z.number(),
    deleted: z.array(z.number()).nullish(),
  }),
});
const durableResponse = z.looseObject({
  ...durableGenerations.shape,
  ack_floor: z.object({ stream_seq: z.number() }),
});
const purgeResponse = z.object({ success: z.literal(true), purged: z.number() });

const purgeTimeoutMs = 60_000;
const directGetTimeoutMs = 5_000;
const notFound = 404;

/**
 * Reads how far the stream reaches and how far it is acknowledged.
 * @throws when the durable is missing, or could have acknowledged what it passed over.
 */
export async function readExtent(nats: NatsConnection): Promise<StreamExtent> {
  const info = await requestApi(nats, {
    subject: `STREAM.INFO.${stream.name}`,
    body: { deleted_details: true },
    response: streamResponse,
    what: `stream ${stream.name}`,
  });
  const described = await requestApi(nats, {
    subject: `CONSUMER.INFO.${stream.name}.${durable.name}`,
    response: durableResponse,
    what: `consumer ${durable.name}`,
  });
  const faults = durableFaults(described.config);
  if (faults.length > 0) throw new Error(`its acknowledgements cannot be trusted: ${faults.join("; ")}`);
  return {
    generations: generationsOf(described).map(({ created, from }) => ({
      identity: identityOf(info.created, created),
      from,
    })),
    first: info.state.first_seq,
    last: info.state.last_seq,
    deleted: info.state.deleted ?? [],
    ackFloor: described.ack_floor.stream_seq,
  };
}

/** The sequence of the first message stored at or after an instant; `undefined` when there is none (ADR-31). */
export async function firstStoredSince(nats: NatsConnection, instant: Date): Promise<number | undefined> {
  const body = JSON.stringify({ start_time: instant.toISOString(), next_by_subj: stream.subjects });
  const reply = await nats.request(`$JS.API.DIRECT.GET.${stream.name}`, body, {
    timeout: directGetTimeoutMs,
  });
  if (reply.headers?.code === notFound) return undefined;
  return z.coerce.number().int().positive().parse(reply.headers?.get("Nats-Sequence"));
}

/** Removes everything below a sequence, and returns how many messages that were. @throws when it is not certain. */
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
