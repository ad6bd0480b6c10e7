import { isStripeEvent } from "./read-envelope.ts";
import { properties, time } from "./field-readers.ts";

/** An event as it can be published to the stream. */
export type EventBody = {
  readonly id: string;
  readonly type: string;
  readonly created: Date;
  readonly body: Buffer;
};

/**
 * Turns an event that Stripe's API lists into a body for the stream; `undefined` when it is not an event, or cannot be
 * serialized exactly: then nothing may be stored in its place. It has the same content as the delivered body, but not the
 * same bytes (`pending_webhooks`, white space).
 * @param account the connected account whose events were listed; added to a body that does not name it.
 */
export function listedEvent(listed: unknown, account: string | null): EventBody | undefined {
  const created = time(properties(listed)["created"]);
  if (!isStripeEvent(listed) || created === undefined || !isExact(listed)) return undefined;
  const event = account !== null && !("account" in listed) ? { ...listed, account } : listed;
  return { id: listed.id, type: listed.type, created, body: Buffer.from(JSON.stringify(event)) };
}

/** Whether no integer can have lost digits when it was parsed. */
function isExact(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value) || !Number.isInteger(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isExact);
}
