import type { EntryKind, EventRecord, ShownObject } from "@takings/domain";
import { storedEvent } from "./stored-event.ts";

/** The fields of an event with one entry; all but the id have defaults. */
export type EntryFields = {
  readonly eventId: string;
  readonly objectId?: string;
  readonly kind?: EntryKind;
  readonly amount?: bigint;
  readonly currency?: string;
  readonly at?: string;
  readonly source?: string;
  readonly livemode?: boolean;
  readonly account?: string | null;
  readonly paymentIntent?: string | null;
  readonly type?: string;
  readonly payload?: string;
};

const typeOf: Readonly<Record<EntryKind, string>> = {
  payment: "payment_intent.succeeded",
  refund: "refund.created",
  refund_reversal: "refund.failed",
  dispute: "charge.dispute.funds_withdrawn",
  dispute_reversal: "charge.dispute.funds_reinstated",
};

/**
 * A stored event with one entry of the same time. A refund reversal comes with its refund, as at Stripe. `amount` is that
 * of the object: positive, whatever the sign of the entry.
 */
export function eventWithEntry(fields: EntryFields): EventRecord {
  const created = new Date(fields.at ?? "2024-05-01T00:00:00Z");
  const kind = fields.kind ?? "payment";
  const objectId = fields.objectId ?? fields.eventId.replace("evt", "pi");
  const paymentIntent = fields.paymentIntent ?? (kind === "payment" ? objectId : null);
  const named = { objectId, created, paymentIntent: paymentIntent ?? undefined };
  const type = fields.type ?? typeOf[kind];
  return storedEvent({
    ...fields,
    type,
    created,
    objectId,
    paymentIntent,
    shows: [shownObject(kind, fields, named)],
  });
}

type Named = {
  readonly objectId: string;
  readonly created: Date;
  readonly paymentIntent: string | undefined;
};

function shownObject(
  kind: EntryKind,
  fields: EntryFields,
  { objectId: id, created, paymentIntent }: Named,
): ShownObject {
  const amount = fields.amount ?? 100n;
  const currency = fields.currency ?? "usd";
  const shared = { id, amount: amount < 0n ? -amount : amount, currency };
  switch (kind) {
    case "payment":
      return {
        object: "payment_intent",
        ...shared,
        latestCharge: undefined,
        status: "succeeded",
        amountReceived: shared.amount,
      };
    case "refund":
    case "refund_reversal":
      return {
        object: "refund",
        ...shared,
        created,
        paymentIntent,
        charge: undefined,
        status: kind === "refund" ? "succeeded" : "failed",
        reason: "requested_by_customer",
        mirrorsTransferReversal: false,
        paysOutCashBalance: false,
      };
    case "dispute":
    case "dispute_reversal":
      return { object: "dispute", ...shared, charge: undefined, paymentIntent, balanceTransactions: [] };
  }
}
