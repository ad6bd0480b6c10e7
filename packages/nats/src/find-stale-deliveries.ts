import { setTimeout as pause } from "node:timers/promises";
import { stream } from "@takings/wire";
import type { NatsConnection } from "nats";
import { describeStream } from "./stream-identity.ts";

/** A message as it was delivered: where, by which stream and durable, and when they had stored it. */
export type DeliveredMessage = {
  readonly identity: string;
  readonly sequence: number;
  readonly storedNanos: number;
};

const getTimeoutMs = 3_000;
/** A replica that lags behind the one that delivered may answer that it does not have the message yet. */
const maxAttempts = 5;
const retryDelayMs = 100;

/**
 * Names those of the messages that are not, or not any more, what lies under their sequence: acknowledgements carry
 * nothing but a sequence, so theirs would settle other events. Either the stream or the durable was made anew, or the
 * stream was restored from a snapshot: that keeps the moments of creation, loses what came later, and gives those
 * sequences out again. So if one message is still the same, all before it are.
 * @throws when that cannot be known at present.
 */
export async function findStaleDeliveries<Message extends DeliveredMessage>(
  nats: NatsConnection,
  messages: readonly Message[],
): Promise<ReadonlyMap<Message, string>> {
  const [{ identity }, ...stored] = await Promise.all([
    describeStream(nats),
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

/** When the message of a sequence was stored; `undefined` when there is none (ADR-31, direct get). */
async function storedNanos(nats: NatsConnection, sequence: number): Promise<number | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const wanted = JSON.stringify({ seq: sequence });
    const reply = await nats.request(`$JS.API.DIRECT.GET.${stream.name}`, wanted, { timeout: getTimeoutMs });
    const time = reply.headers?.get("Nats-Time-Stamp");
    if (time) return nanosOf(time);
    if (attempt === maxAttempts) return undefined;
    await pause(retryDelayMs);
  }
}

/** An RFC 3339 instant with up to nine decimals, in nanoseconds; as inexact as the ones that the client reads. */
function nanosOf(instant: string): number {
  const [whole = "", decimals = ""] = instant.replace(/Z$/, "").split(".");
  const seconds = BigInt(Date.parse(`${whole}Z`) / 1_000);
  return Number(seconds * 1_000_000_000n + BigInt(decimals.padEnd(9, "0")));
}
