import { type EventFacts, objectsOf, representativeOf, type ShownObject } from "@takings/domain";
import { z } from "zod";

// The JSON is that of `EventFacts`, with amounts as strings, and without fields that are `undefined` or `false`.

const whole = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);
const amount = whole.optional();
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
        amount: whole,
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

/** The columns of an event that complete its facts. */
export type FactsOwner = {
  readonly eventId: string;
  readonly created: Date;
  readonly type: string;
  readonly objectId: string | null;
};

/** The value of the column `facts`, as JSON text; `null` where there are none. */
export function encodeFacts(facts: EventFacts | undefined): string | null {
  if (facts === undefined) return null;
  const { apiVersion, shows } = facts;
  return JSON.stringify({ apiVersion, shows: shows.map(stored) });
}

// JSON omits what is undefined.
function stored(seen: ShownObject): Record<string, unknown> {
  switch (seen.object) {
    case "payment_intent":
      return { ...seen, amount: written(seen.amount), amountReceived: written(seen.amountReceived) };
    case "charge":
      return {
        ...seen,
        fromTransfer: marked(seen.fromTransfer),
        amount: written(seen.amount),
        amountCaptured: written(seen.amountCaptured),
        amountRefunded: written(seen.amountRefunded),
        multicapture: marked(seen.multicapture),
      };
    case "refund":
      return {
        ...seen,
        amount: written(seen.amount),
        mirrorsTransferReversal: marked(seen.mirrorsTransferReversal),
        paysOutCashBalance: marked(seen.paysOutCashBalance),
      };
    case "dispute": {
      const { balanceTransactions: moved } = seen;
      return {
        ...seen,
        amount: written(seen.amount),
        balanceTransactions:
          moved.length === 0 ? undefined : moved.map((one) => ({ ...one, amount: written(one.amount) })),
      };
    }
  }
}

function written(amount: bigint | undefined): string | undefined {
  return amount?.toString();
}

function marked(mark: boolean): true | undefined {
  return mark ? true : undefined;
}

/** The value of the column `payment_object`: the object by which the payment of the facts is found. */
export function objectOfFacts(facts: EventFacts | undefined): string | null {
  return facts === undefined ? null : representativeOf(objectsOf(facts));
}

/** Whether the facts of two events are equal. */
export function isSameFacts(a: EventFacts | undefined, b: EventFacts | undefined): boolean {
  return encodeFacts(a) === encodeFacts(b);
}

/**
 * Parses the column `facts` of an event.
 * @throws Error naming the event when the column contains anything else.
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
    type: event.type,
    apiVersion,
    objectId: event.objectId ?? undefined,
    shows: shows as EventFacts["shows"],
  };
}

/**
 * Parses the column `facts` of an event; `undefined` if that fails, so that a damaged row does not block its whole
 * payment. `takings verify` reports such rows.
 */
export function readableFacts(column: unknown, event: FactsOwner): EventFacts | undefined {
  try {
    return decodeFacts(column, event);
  } catch {
    return undefined;
  }
}
