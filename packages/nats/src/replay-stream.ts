import { durable, stream } from "@takings/wire";
import { DeliverPolicy, type NatsConnection, NatsError } from "nats";
import { durableConfig } from "./topology.ts";

/** Where to begin: a sequence, or the first event that the stream stored at or after an instant. */
export type ReplayStart = { readonly sequence: number } | { readonly since: Date };

const noSuchConsumer = 10_014;

/**
 * Makes the durable anew so that it delivers everything from there on once more; the ledger counts nothing twice.
 * Consumers that are at work notice and go on. Needs an admin's rights. If it is interrupted the durable is missing:
 * nothing is delivered until it is called again.
 * @returns how many events will be delivered.
 */
export async function replayStream(nats: NatsConnection, start: ReplayStart): Promise<number> {
  const manager = await nats.jetstreamManager();
  const from =
    "since" in start
      ? { deliver_policy: DeliverPolicy.StartTime, opt_start_time: start.since.toISOString() }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: start.sequence };
  try {
    await manager.consumers.delete(stream.name, durable.name);
  } catch (error) {
    if (!(error instanceof NatsError && error.api_error?.err_code === noSuchConsumer)) throw error;
  }
  const made = await manager.consumers.add(stream.name, { ...durableConfig(), ...from });
  return made.num_pending;
}
