import { type EventFacts, objectsOf, representativeOf, witnessOf } from "@takings/domain";
import { z } from "zod";

// The shape is that of `EventFacts` with amounts as text and what is `undefined` or `false` left out.

const amount = z.string().transform(BigInt).optional();
const name = z.string().optional();
const flag = z.boolean().optional();
const mark = z.boolean().default(false);

const shownIntent = z.object({
  object: z.literal("payment_intent"),
  id: z.string(),
  latestCharge: name,
  status: name,
  amount,
  amountReceived: amount,
  currency: name,
});
const shownCharge = z.object({
  object: z.literal("charge"),
  id: z.string(),
  paymentIntent: name,
  fromTransfer: mark,
  status: name,
  captured: flag,
  amount,
  amountCaptured: amount,
  amountRefunded: amount,
  currency: name,
  multicapture: mark,
});
const shownRefund = z.object({
  object: z.literal("refund"),
  id: z.string(),
  charge: name,
  paymentIntent: name,
  amount,
  currency: name,
  created: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .optional(),
  status: name,
  reason: name,
  mirrorsTransferReversal: mark,
  paysOutCashBalance: mark,
});
const shownDispute = z.object({
  object: z.literal("dispute"),
  id: z.string(),
  charge: name,
  paymentIntent: name,
  amount,
  currency: name,
  balanceTransactions: z
    .array(
      z.object({
        id: name,
        amount: z.string().transform(BigInt),
        currency: z.string(),
        reportingCategory: name,
      }),
    )
    .default([]),
});

const storedFacts = z.object({
  apiVersion: name,
  shows: z.array(z.discriminatedUnion("object", [shownIntent, shownCharge, shownRefund, shownDispute])),
});

/** The columns of an event that its facts lean on. */
export type FactsOwner = {
  readonly eventId: string;
  readonly created: Date;
  readonly type: string;
  readonly objectId: string | null;
};

/** What the column `facts` holds for an event, as JSON text; `null` when it states nothing. */
export function encodeFacts(facts: EventFacts | undefined): string | null {
  if (facts === undefined) return null;
  return JSON.stringify({ apiVersion: facts.apiVersion, shows: facts.shows }, (key, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    if (Array.isArray(value) && value.length === 0) return undefined;
    return value === false && key !== "captured" ? undefined : value;
  });
}

/** What the column `payment_object` holds beside facts: the object by which their payment is found. */
export function objectOfFacts(facts: EventFacts | undefined): string | null {
  return facts === undefined ? null : representativeOf(objectsOf(facts));
}

/** Whether two events' facts say the same. */
export function isSameFacts(a: EventFacts | undefined, b: EventFacts | undefined): boolean {
  return encodeFacts(a) === encodeFacts(b);
}

/**
 * The facts in a `facts` column, decoded from JSON, of the event in the same row.
 * @throws Error naming the event when the column holds anything else.
 */
export function decodeFacts(column: unknown, event: FactsOwner): EventFacts | undefined {
  if (column === null) return undefined;
  const { success, data, error } = storedFacts.safeParse(column);
  if (!success)
    throw new Error(`the facts of event ${event.eventId} cannot be read: ${z.prettifyError(error)}`);
  const { apiVersion, shows } = data;
  return {
    eventId: event.eventId,
    created: event.created,
    order: witnessOf(event.eventId, event.created),
    type: event.type,
    apiVersion,
    objectId: event.objectId ?? undefined,
    shows: shows as EventFacts["shows"],
  };
}
