import { isStripeEvent } from "./read-envelope.ts";
import { properties, time } from "./facts.ts";

/** An event as it can be put on the stream. */
export type EventBody = {
  readonly id: string;
  readonly type: string;
  readonly created: Date;
  readonly body: Buffer;
};

/**
 * An event as Stripe's API lists it, as a body for the stream; `undefined` when it is none, or cannot be written down
 * again as it was: then nothing may be stored in its place. It says the same as the delivered body and is other bytes
 * (`pending_webhooks`, spacing).
 * @param account the connected account whose events were listed: named in the body where that does not do it itself.
 */
export function listedEvent(listed: unknown, account: string | null): EventBody | undefined {
  const created = time(properties(listed)["created"]);
  if (!isStripeEvent(listed) || created === undefined || !isExact(listed)) return undefined;
  const event = account !== null && !("account" in listed) ? { ...listed, account } : listed;
  return { id: listed.id, type: listed.type, created, body: Buffer.from(JSON.stringify(event)) };
}

/** Whether no integer in it may have lost digits when it was parsed. */
function isExact(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) || !Number.isInteger(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isExact);
}
