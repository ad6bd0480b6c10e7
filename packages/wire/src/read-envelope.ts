import { isUtf8 } from "node:buffer";
import { properties } from "./field-readers.ts";
import { readAccount } from "./stripe-objects.ts";

/** The minimum of a Stripe event: enough to store it and to recognise duplicates. */
export type Envelope = {
  readonly id: string;
  readonly type: string;
  /** The account that it names. */
  readonly account?: string;
};

// The id becomes a message header, so its alphabet and length must be safe.
const eventIdPattern = /^evt_\w{1,250}$/;
// The type becomes part of a subject, where white space, wildcards and empty tokens have another meaning.
const eventType = /^[^\s*>.]+(\.[^\s*>.]+)*$/;

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Whether no other bytes decode to the same text. Decoding replaces what is not UTF-8 and may drop a byte order mark, so
 * that the stored bytes would not be the verified ones.
 */
export function isUnambiguousText(body: Buffer): boolean {
  return isUtf8(body) && !body.subarray(0, byteOrderMark.byteLength).equals(byteOrderMark);
}

/**
 * Reads the envelope of a received body; `undefined` when it is not a Stripe event. Never throws, however deeply nested the
 * body: V8's parser does not recurse. The most deeply nested body of 512 KiB takes it up to 0.2 s, so call it only for
 * bodies with a valid signature.
 */
export function readEnvelope(body: Buffer): Envelope | undefined {
  if (!isUnambiguousText(body)) return undefined;
  try {
    const event: unknown = JSON.parse(body.toString("utf8"));
    if (!isStripeEvent(event)) return undefined;
    const account = readAccount(event) ?? undefined;
    return { id: event.id, type: event.type, ...(account !== undefined && { account }) };
  } catch {
    return undefined;
  }
}

/** Whether a text is a Stripe event id, safe in a message header. */
export function isEventId(text: string): boolean {
  return eventIdPattern.test(text);
}

/** Whether a parsed body is an object with an event id and an event type. */
export function isStripeEvent(
  event: unknown,
): event is Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string } {
  if (Array.isArray(event)) return false;
  const { id, type } = properties(event);
  return typeof id === "string" && isEventId(id) && typeof type === "string" && eventType.test(type);
}
