import { durable, stream } from "@takings/wire";
import { DeliverPolicy, type NatsConnection } from "nats";
import { z } from "zod";
import { durableFaults } from "./durable-faults.ts";
import { durableGenerations, generationsMetadata, generationsOf } from "./generations.ts";
import { isMissing } from "./is-missing.ts";
import { firstStoredSince } from "./purge-stream.ts";
import { durableConfig } from "./topology.ts";

/** Where to begin: a sequence, or the first event that the stream stored at or after an instant. */
export type ReplayStart = { readonly sequence: number } | { readonly since: Date };

export type Replayed = {
  /** How many events will be delivered. */
  readonly events: number;
  /** The sequence with which they begin. */
  readonly from: number;
  /** The one that was asked for: higher where events before it were still open. */
  readonly asked: number;
};

const durableResponse = z.looseObject({
  ...durableGenerations.shape,
  ack_floor: z.object({ stream_seq: z.number() }),
});

/**
 * Makes the durable anew so that it delivers everything from there on once more; the ledger counts nothing twice. It
 * never begins behind an event that is not acknowledged: that one would never be delivered again. Consumers that are at
 * work notice and go on. Needs an admin's rights. If it is interrupted the durable is missing: nothing is delivered
 * until it is called again.
 */
export async function replayStream(nats: NatsConnection, start: ReplayStart): Promise<Replayed> {
  const manager = await nats.jetstreamManager();
  const { state } = await manager.streams.info(stream.name);
  const asked =
    "since" in start ? ((await firstStoredSince(nats, start.since)) ?? state.last_seq + 1) : start.sequence;
  const old = await manager.consumers.info(stream.name, durable.name).then(
    (info) => durableResponse.parse(info),
    (error: unknown) => {
      if (!isMissing(error)) throw error;
      return undefined;
    },
  );
  // Where there is none, or its acknowledgements cannot be trusted, anything may be open.
  const isTrusted = old !== undefined && durableFaults(old.config).length === 0;
  const firstOpen = isTrusted ? old.ack_floor.stream_seq + 1 : state.first_seq;
  const from = Math.max(1, Math.min(asked, firstOpen));
  const metadata = isTrusted ? generationsMetadata(generationsOf(old), from, state.first_seq) : {};
  if (old !== undefined) await manager.consumers.delete(stream.name, durable.name);
  const made = await manager.consumers.add(stream.name, {
    ...durableConfig(),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    metadata,
  });
  return { events: made.num_pending, from, asked };
}
