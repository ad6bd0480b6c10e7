import type { EntryKind, EventRecord, ShownObject } from "@takings/domain";

/** What one event says about one entry; everything has a default. */
export type Said = {
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
export function eventSaying(said: Said): EventRecord {
  const created = new Date(said.at ?? "2024-05-01T00:00:00Z");
  const kind = said.kind ?? "payment";
  const livemode = said.livemode ?? true;
  const account = said.account ?? null;
  const objectId = said.objectId ?? said.eventId.replace("evt", "pi");
  const paymentIntent = said.paymentIntent ?? (kind === "payment" ? objectId : null);
  const type = said.type ?? typeOf[kind];
  return {
    eventId: said.eventId,
    type,
    created,
    receivedAt: created,
    livemode,
    account,
    objectId,
    paymentIntent,
    status: "processed",
    reason: null,
    payload: new TextEncoder().encode(said.payload ?? "{}"),
    facts: {
      eventId: said.eventId,
      created,
      type,
      apiVersion: undefined,
      objectId,
      shows: [shownBy(kind, said, { objectId, created, paymentIntent: paymentIntent ?? undefined })],
    },
  };
}

type Named = {
  readonly objectId: string;
  readonly created: Date;
  readonly paymentIntent: string | undefined;
};

function shownBy(kind: EntryKind, said: Said, { objectId: id, created, paymentIntent }: Named): ShownObject {
  const amount = said.amount ?? 100n;
  const currency = said.currency ?? "usd";
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
