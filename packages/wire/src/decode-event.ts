import type { PaymentEvent, Subject } from "@takings/domain";
import { isReading, readBalance } from "./balance-objects.ts";
import { parseExactJson } from "./exact-json.ts";
import { eventFacts, objectIdOf } from "./event-facts.ts";
import { flag, properties, reference, time } from "./field-readers.ts";
import { isStripeEvent } from "./read-envelope.ts";
import { readAccount, readCharge, readDispute, readPaymentIntent, readRefund } from "./stripe-objects.ts";

/** How the object of each event type that can reach the ledger is read. Events of other types are not counted. */
const subjectReaders: ReadonlyMap<string, (object: unknown) => Subject> = new Map<
  string,
  (object: unknown) => Subject
>([
  ["payment_intent.succeeded", (o) => ({ object: "payment_intent", paymentIntent: readPaymentIntent(o) })],
  ["charge.succeeded", (o) => ({ object: "charge", charge: readCharge(o) })],
  ["charge.captured", (o) => ({ object: "charge", charge: readCharge(o) })],
  ["charge.failed", (o) => ({ object: "failed_charge", charge: readCharge(o) })],
  ["charge.refunded", (o) => ({ object: "refunded_charge", charge: readCharge(o) })],
  ["charge.refund.updated", (o) => ({ object: "refund", refund: readRefund(o) })],
  ["refund.created", (o) => ({ object: "refund", refund: readRefund(o) })],
  ["refund.updated", (o) => ({ object: "refund", refund: readRefund(o) })],
  ["refund.failed", (o) => ({ object: "refund", refund: readRefund(o) })],
  ["charge.dispute.funds_withdrawn", (o) => ({ object: "dispute_withdrawal", dispute: readDispute(o) })],
  ["charge.dispute.funds_reinstated", (o) => ({ object: "dispute_reinstatement", dispute: readDispute(o) })],
]);

/** The types of event that can reach the ledger. */
export const ledgerTypes: readonly string[] = [...subjectReaders.keys()];

/** Thin events of v1 resources are named like the snapshot type, behind this prefix. */
const thinPrefix = "v1.";

/**
 * Decodes a body from the stream; `undefined` when it is not a Stripe event. Only what Takings relies on is read, so that a
 * new or malformed field elsewhere never costs an event. Never throws.
 */
export function decodeEvent(body: Uint8Array): PaymentEvent | undefined {
  const event = parse(body);
  if (!isStripeEvent(event)) return undefined;
  const object = properties(event["data"])["object"];
  const { [event.type.startsWith("payment_intent.") ? "id" : "payment_intent"]: intent } = properties(object);
  const created = time(event["created"]);
  return {
    id: event.id,
    type: event.type,
    created,
    livemode: flag(event["livemode"]),
    account: readAccount(event),
    objectId: objectIdOf(event),
    paymentIntent: reference(intent),
    // A reading is about the balance, and no evidence of a payment.
    facts: created === undefined || isReading(event.type) ? undefined : eventFacts(event, created),
    subject: readSubject(event.type, object),
    balance: readBalance(event.type, event),
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return parseExactJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}

function readSubject(type: string, object: unknown): Subject {
  const reader = subjectReaders.get(type);
  if (reader !== undefined) return reader(object);
  const isThin = type.startsWith(thinPrefix) && subjectReaders.has(type.slice(thinPrefix.length));
  return { object: isThin ? "thin" : "other" };
}
