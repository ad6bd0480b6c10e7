import type { EntryKind, EventRecord, ShownObject } from "@takings/domain";

/** What one event says about one entry; everything has a default. */
export type EntryFields = {
  readonly eventId: string;
  readonly objectId?: string;
  readonly kind?: EntryKind;
  readonly amount?: bigint;
  readonly currency?: string;
  readonly at?: string;
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
 * A stored event that makes one entry, both at the same time. A reversal of a refund comes with the refund, as it does at
 * Stripe. `amount` is that of the object and positive, whatever the sign of the entry.
 */
export function eventWithEntry(fields: EntryFields): EventRecord {
  const created = new Date(fields.at ?? "2024-05-01T00:00:00Z");
  const kind = fields.kind ?? "payment";
  const livemode = fields.livemode ?? true;
  const account = fields.account ?? null;
  const objectId = fields.objectId ?? fields.eventId.replace("evt", "pi");
  const paymentIntent = fields.paymentIntent ?? (kind === "payment" ? objectId : null);
  const type = fields.type ?? typeOf[kind];
  return {
    eventId: fields.eventId,
    type,
    created,
    receivedAt: created,
    livemode,
    account,
    objectId,
    paymentIntent,
    status: "processed",
    reason: null,
    payload: new TextEncoder().encode(fields.payload ?? "{}"),
    facts: {
      eventId: fields.eventId,
      created,
      type,
      apiVersion: undefined,
      objectId,
      shows: [shownObject(kind, fields, { objectId, created, paymentIntent: paymentIntent ?? undefined })],
    },
  };
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
