import { type EntryKind, type EventRecord, witnessOf } from "@takings/domain";

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

/** A stored event with one ledger claim, both at the same time. */
export function eventSaying(said: Said): EventRecord {
  const created = new Date(said.at ?? "2024-05-01T00:00:00Z");
  const livemode = said.livemode ?? true;
  const account = said.account ?? null;
  const objectId = said.objectId ?? said.eventId.replace("evt", "pi");
  const paymentIntent = said.paymentIntent ?? null;
  const decidedBy = witnessOf(said.eventId, created);
  return {
    eventId: said.eventId,
    type: said.type ?? "payment_intent.succeeded",
    created,
    receivedAt: created,
    livemode,
    account,
    objectId,
    paymentIntent,
    status: "processed",
    reason: null,
    payload: new TextEncoder().encode(said.payload ?? "{}"),
    claims: [
      {
        kind: said.kind ?? "payment",
        account,
        livemode,
        objectId,
        amount: said.amount ?? 100n,
        currency: said.currency ?? "usd",
        occurredAt: created,
        decidedBy,
        paymentIntent: paymentIntent === null ? undefined : { id: paymentIntent, saidBy: decidedBy },
      },
    ],
  };
}
