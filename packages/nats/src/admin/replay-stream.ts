import { DeliverPolicy, type NatsConnection } from "nats";
import { durableFaults } from "../durable-faults.ts";
import { requestDurableInfo, requestStreamInfo, unlessMissing } from "../jetstream-api.ts";
import { durableConfig } from "../topology.ts";
import { generationsMetadata, generationsOf } from "./generations.ts";
import { firstStoredSince } from "./purge-stream.ts";
import { recreateDurable } from "./recreate-durable.ts";

/** Where to start: a sequence, or the first event that the stream stored at or after an instant. */
export type ReplayStart = { readonly sequence: number } | { readonly since: Date };

/** What a replay will deliver. */
export type ReplayResult = {
  /** How many events will be delivered. */
  readonly events: number;
  /** The sequence of the first one. */
  readonly from: number;
  /** The requested one: higher where earlier events were not acknowledged yet. */
  readonly requested: number;
};

/**
 * Recreates the durable so that it delivers everything from there on again; the ledger counts nothing twice. It never
 * starts behind an event that is not acknowledged, because that event would never be delivered. Running consumers detect
 * the new durable and continue. Needs admin permissions. When it is interrupted, the durable is missing and nothing is delivered until
 * it is called again.
 */
export async function replayStream(nats: NatsConnection, start: ReplayStart): Promise<ReplayResult> {
  const { state } = await requestStreamInfo(nats);
  const requested =
    "since" in start ? ((await firstStoredSince(nats, start.since)) ?? state.last_seq + 1) : start.sequence;
  const old = await requestDurableInfo(nats).catch(unlessMissing);
  // When it is missing, or its acknowledgements cannot be trusted, any event may be open.
  const isTrusted = old !== undefined && durableFaults(old.config).length === 0;
  const firstOpen = isTrusted ? old.ack_floor.stream_seq + 1 : state.first_seq;
  const from = Math.max(1, Math.min(requested, firstOpen));
  const metadata = isTrusted ? generationsMetadata(generationsOf(old), from, state.first_seq) : {};
  const created = await recreateDurable(await nats.jetstreamManager(), {
    ...durableConfig(),
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    metadata,
  });
  return { events: created.num_pending, from, requested };
}
