import { createHash } from "node:crypto";
import type { EventRecord, PaymentService } from "@takings/domain";
import { decodeEvent } from "./decode-event.ts";
import { isEventId } from "./read-envelope.ts";
import { typeOf } from "./stream.ts";

/**
 * A body from the stream or the database: bytes that should be a Stripe event, the source that they came from, and when the
 * stream stored them.
 */
export type StoredBody = { readonly source: string; readonly body: Uint8Array; readonly receivedAt: Date };

const unreadable = "unreadable";

/** Whether a record is of bytes that are not a Stripe event. Ingress stores no such bytes. */
export function isUnreadable({ type }: Pick<EventRecord, "type">): boolean {
  return type === unreadable;
}

/**
 * Turns a stored body into its record. Never throws: what cannot be read is quarantined under the hash of its bytes, so
 * that it is stored once and can be shown.
 */
export function toEventRecord(stored: StoredBody, payments: PaymentService): EventRecord {
  const { source, body, receivedAt } = stored;
  const event = decodeEvent(body);
  if (event === undefined) {
    const names = { eventId: nameOf(body), type: unreadable };
    return quarantined(stored, names, "the body is not a Stripe event");
  }
  const meaning = payments.interpret(event);
  return {
    eventId: event.id,
    source,
    type: event.type,
    created: event.created ?? receivedAt,
    receivedAt,
    livemode: event.livemode ?? null,
    account: payments.ownerOf(event, source),
    objectId: event.objectId ?? null,
    paymentIntent: event.paymentIntent ?? null,
    status: meaning.status,
    reason: meaning.status === "quarantined" ? meaning.reason : null,
    facts: meaning.status === "processed" ? meaning.facts : undefined,
    balance: meaning.status === "processed" ? meaning.balance : undefined,
    payload: body,
  };
}

/** What is known of a message without reading its body. */
export type StoredMessage = StoredBody & { readonly subject: string; readonly messageId: string | undefined };

const unparsed = "unparsed:";
const refused = "refused by the store:";

/** The record of a body that must not be parsed, with the id and type that ingress gave its message. */
export function toUnparsedRecord(message: StoredMessage, why: string): EventRecord {
  return bareRecord(message, `${unparsed} ${why}`);
}

/**
 * The record of an event that the database refuses. It contains the body, but nothing read from it: the database would
 * refuse the same value again and again.
 */
export function toRefusedRecord(message: StoredMessage, why: string): EventRecord {
  return bareRecord(message, `${refused} ${why}`);
}

/** Whether a record was made without reading its body, so that the two cannot be compared. */
export function isUnparsed({ reason }: Pick<EventRecord, "reason">): boolean {
  return reason?.startsWith(unparsed) === true || reason?.startsWith(refused) === true;
}

function bareRecord(message: StoredMessage, reason: string): EventRecord {
  const eventId = eventIdOf(message) ?? nameOf(message.body);
  return quarantined(message, { eventId, type: typeOf(message.subject) }, reason);
}

/** The inverse of `messageIdOf`. */
function eventIdOf({ source, messageId = "" }: StoredMessage): string | undefined {
  const prefix = `${source}/`;
  const eventId = messageId.startsWith(prefix) ? messageId.slice(prefix.length) : messageId;
  return isEventId(eventId) ? eventId : undefined;
}

function nameOf(body: Uint8Array): string {
  return `unreadable_${createHash("sha256").update(body).digest("hex")}`;
}

function quarantined(
  { source, body, receivedAt }: StoredBody,
  names: Pick<EventRecord, "eventId" | "type">,
  reason: string,
): EventRecord {
  return {
    ...names,
    source,
    created: receivedAt,
    receivedAt,
    livemode: null,
    account: null,
    objectId: null,
    paymentIntent: null,
    status: "quarantined",
    reason,
    facts: undefined,
    balance: undefined,
    payload: body,
  };
}
