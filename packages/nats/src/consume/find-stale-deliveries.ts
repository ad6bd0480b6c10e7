import { setTimeout as delay } from "node:timers/promises";
import type { NatsConnection } from "nats";
import { findMessage } from "../jetstream-api.ts";
import { readStreamAndDurable } from "../stream-identity.ts";

/** A message as it was delivered: its sequence, the stream and durable it is of, and when the stream stored it. */
export type DeliveredMessage = {
  readonly identity: string;
  readonly sequence: number;
  readonly storedNanos: number;
};

/** A replica that lags behind the one that delivered may respond that it does not have the message yet. */
const maxAttempts = 5;
const retryDelayMs = 100;

/**
 * Finds the messages whose sequence now refers to another message or to none, with the reason. An acknowledgement carries
 * only a sequence, so that of a stale delivery would settle another event. Either the stream or the durable was recreated,
 * or the stream was restored from a snapshot: it then keeps its creation time, lacks what was stored later, and assigns
 * those sequences again. So if one message is still the same, all earlier ones are.
 * @throws Error when this cannot be determined now.
 */
export async function findStaleDeliveries<Message extends DeliveredMessage>(
  nats: NatsConnection,
  messages: readonly Message[],
): Promise<ReadonlyMap<Message, string>> {
  const [{ identity }, ...stored] = await Promise.all([
    readStreamAndDurable(nats),
    ...messages.map(({ sequence }) => storedNanos(nats, sequence)),
  ]);
  const stale = new Map<Message, string>();
  for (const [index, message] of messages.entries()) {
    const now = stored[index];
    if (message.identity !== identity)
      stale.set(message, `delivered by ${message.identity}; stream and durable are ${identity} now`);
    else if (now !== message.storedNanos)
      stale.set(
        message,
        `the stream has ${now === undefined ? "no message" : "another message"} at sequence ${message.sequence} now: it was restored`,
      );
  }
  return stale;
}

/** When the message at a sequence was stored; `undefined` when there is none. */
async function storedNanos(nats: NatsConnection, sequence: number): Promise<number | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await findMessage(nats, { seq: sequence });
    if (found !== undefined) return nanosOf(found.storedAt);
    if (attempt === maxAttempts) return undefined;
    await delay(retryDelayMs);
  }
}

/** Nanoseconds of an RFC 3339 instant, rounded to a double like those that the client reads from a delivery. */
function nanosOf(instant: string): number {
  const [whole = "", decimals = ""] = instant.replace(/Z$/, "").split(".");
  const seconds = BigInt(Date.parse(`${whole}Z`) / 1_000);
  return Number(seconds * 1_000_000_000n + BigInt(decimals.padEnd(9, "0")));
}
