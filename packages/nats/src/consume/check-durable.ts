import { durable, stream } from "@takings/wire";
import type { Consumer } from "nats";
import { durableFaults } from "../durable-faults.ts";
import type { LiveConnection } from "../nats-link.ts";
import { readStreamAndDurable } from "../stream-identity.ts";

/**
 * The server sends all of a pull at once, and cuts off a connection with more than 64 MiB in transit (`max_pending`); what
 * was on it is redelivered only after ack-wait. So even the largest messages must fit.
 */
const maxPullBytes = 48_000_000;

/** The durable, checked. */
export type CheckedDurable = {
  readonly identity: string;
  readonly consumer: Consumer;
  /** The largest pull that the server sends completely. */
  readonly maxPerPull: number;
  readonly ackWaitMs: number;
};

/** Checked before each pull: sequences of a recreated stream are not those of the earlier one. @throws Error */
export async function checkDurable({ nats }: LiveConnection): Promise<CheckedDurable> {
  const { identity, stream: described, durable: consumerInfo } = await readStreamAndDurable(nats);
  const faults = [...durableFaults(consumerInfo.config)];
  if (!described.config.allow_direct)
    faults.push(
      `stream ${stream.name} allows no direct get (allow_direct), so nothing could be acknowledged: run \`takings stream\``,
    );
  if (faults.length > 0) throw new Error(faults.join("; "));
  const consumer = await nats.jetstream().consumers.get(stream.name, durable.name);
  const limit = described.config.max_msg_size;
  const maxMessageBytes = limit > 0 ? limit : (nats.info?.max_payload ?? stream.maxMessageBytes);
  return {
    identity,
    consumer,
    maxPerPull: Math.max(1, Math.floor(maxPullBytes / maxMessageBytes)),
    ackWaitMs: consumerInfo.config.ack_wait / 1e6,
  };
}
