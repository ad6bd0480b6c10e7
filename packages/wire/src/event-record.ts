import { createHash } from "node:crypto";
import type { EventRecord, PaymentService } from "@takings/domain";
import { decodeEvent } from "./decode-event.ts";

/** A body from the stream or the store: bytes that should be a Stripe event, and when the stream took them in. */
export type StoredBody = { readonly body: Uint8Array; readonly receivedAt: Date };

/**
 * Turns a stored body into what is kept of it. Never throws: what cannot be read is quarantined under a name
 * made from its bytes, so that even garbage is kept once and can be shown.
 */
export function toEventRecord({ body, receivedAt }: StoredBody, payments: PaymentService): EventRecord {
  const event = decodeEvent(body);
  if (event === undefined) return unreadable(body, receivedAt, "the body is not a Stripe event");
  const meaning = payments.interpret(event);
  return {
    eventId: event.id,
    type: event.type,
    created: event.created ?? receivedAt,
    receivedAt,
    livemode: event.livemode ?? null,
    account: payments.ownerOf(event),
    objectId: event.objectId ?? null,
    paymentIntent: event.paymentIntent ?? null,
    status: meaning.status,
    reason: meaning.status === "quarantined" ? meaning.reason : null,
    claims: meaning.status === "processed" ? meaning.claims : [],
    payload: body,
  };
}

function unreadable(body: Uint8Array, receivedAt: Date, reason: string): EventRecord {
  const digest = createHash("sha256").update(body).digest("hex");
  return {
    eventId: `unreadable_${digest}`,
    type: "unreadable",
    created: receivedAt,
    receivedAt,
    livemode: null,
    account: null,
    objectId: null,
    paymentIntent: null,
    status: "quarantined",
    reason,
    claims: [],
    payload: body,
  };
}
