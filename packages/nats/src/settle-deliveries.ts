import type { JsMsg } from "nats";
import { findStaleDeliveries, type DeliveredMessage } from "./find-stale-deliveries.ts";
import type { NatsLink } from "./nats-link.ts";

/** One pull on one connection, and the stream and durable of which it was. What it brought is of no other. */
export type Pull = { readonly identity: string };

export type Received = { readonly message: JsMsg; readonly pull: Pull };

const connectWaitMs = 5_000;
const attempts = 3;

/**
 * Says something to the server about deliveries, right after it has been made sure that they are what the stream holds.
 * The latest message of each pull speaks for the others. Where it differs nothing is said about any of that pull.
 * @returns the reasons for which some were dropped, with how many.
 * @throws Error when the stream cannot be looked at; nothing was said then.
 */
export async function settle(
  link: NatsLink,
  received: readonly Received[],
  act: (message: JsMsg) => void,
): Promise<ReadonlyMap<string, number>> {
  if (received.length === 0) return new Map();
  const latest = latestOfEach(received);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { nats, lost } = link.live() ?? (await link.connected(connectWaitMs));
      const stale = await findStaleDeliveries(nats, [...latest.values()]);
      // What is written from here on could go out on another connection, to another server, without a look.
      if (lost.aborted) throw new Error("the connection was lost");
      const dropped = new Map<string, number>();
      for (const { message, pull } of received) {
        const held = latest.get(pull);
        const reason = held && stale.get(held);
        if (reason === undefined) act(message);
        else dropped.set(reason, (dropped.get(reason) ?? 0) + 1);
      }
      return dropped;
    } catch (error) {
      if (attempt === attempts) throw error;
    }
  }
}

function latestOfEach(received: readonly Received[]): ReadonlyMap<Pull, DeliveredMessage> {
  const latest = new Map<Pull, DeliveredMessage>();
  for (const { message, pull } of received) {
    if ((latest.get(pull)?.sequence ?? 0) < message.seq) {
      const storedNanos = message.info.timestampNanos;
      latest.set(pull, { identity: pull.identity, sequence: message.seq, storedNanos });
    }
  }
  return latest;
}
