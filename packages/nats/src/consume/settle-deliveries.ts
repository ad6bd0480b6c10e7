import type { StreamPosition } from "@takings/domain";
import type { NatsLink } from "../nats-link.ts";
import type { AckPayload } from "./ack-protocol.ts";
import { type DeliveredMessage, findStaleDeliveries } from "./find-stale-deliveries.ts";

/** One pull on one connection: everything it brings is of the stream and durable with this identity. */
export type Pull = { readonly identity: string };

/** A message with the pull that brought it, and how to respond to it. */
export type ReceivedMessage = {
  readonly position: StreamPosition;
  /** When the stream stored it, rounded to a double. */
  readonly storedNanos: number;
  readonly ackSubject: string;
  readonly pull: Pull;
};

const connectWaitMs = 5_000;
const maxAttempts = 3;

/**
 * Acknowledges, naks or extends deliveries, right after it has verified that they still are what the stream holds. The
 * latest message of each pull is verified for all of that pull; where it is stale, the whole pull is dropped.
 * @returns the reasons why deliveries were dropped, with their number.
 * @throws Error when the stream cannot be checked; nothing was sent then.
 */
export async function settle(
  link: NatsLink,
  received: readonly ReceivedMessage[],
  payload: AckPayload,
): Promise<ReadonlyMap<string, number>> {
  if (received.length === 0) return new Map();
  const latest = latestOfEach(received);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { nats, lost } = link.live() ?? (await link.connected(connectWaitMs));
      const stale = await findStaleDeliveries(nats, [...latest.values()]);
      // What is sent from here on could otherwise go out on another connection, to a server that was not checked.
      if (lost.aborted) throw new Error("the connection was lost");
      const dropped = new Map<string, number>();
      for (const { ackSubject, pull } of received) {
        const held = latest.get(pull);
        const reason = held && stale.get(held);
        if (reason === undefined) nats.publish(ackSubject, payload);
        else dropped.set(reason, (dropped.get(reason) ?? 0) + 1);
      }
      return dropped;
    } catch (error) {
      if (attempt === maxAttempts) throw error;
    }
  }
}

function latestOfEach(received: readonly ReceivedMessage[]): ReadonlyMap<Pull, DeliveredMessage> {
  const latest = new Map<Pull, DeliveredMessage>();
  for (const { position, storedNanos, pull } of received) {
    const { sequence } = position;
    if ((latest.get(pull)?.sequence ?? 0) < sequence)
      latest.set(pull, { identity: pull.identity, sequence, storedNanos });
  }
  return latest;
}
