import type { EventRecord } from "@takings/domain";

/** What an event says of a charge; everything else has a default. */
export type ChargeFields = {
  /** What is behind `ch_`, `pi_` and `evt_`. */
  readonly id: string;
  readonly at: Date;
  readonly amount?: bigint;
  /** What the charge's running total says was refunded. */
  readonly refunded?: bigint;
  readonly currency?: string;
  readonly account?: string | null;
  readonly livemode?: boolean;
};

/** A stored event that shows a captured charge of a PaymentIntent: it counts nothing, and proves a payment. */
export function eventWithCharge(fields: ChargeFields): EventRecord {
  const { id, at: created, amount = 700n, refunded = 0n } = fields;
  const type = refunded > 0n ? "charge.refunded" : "charge.succeeded";
  const [eventId, objectId, paymentIntent] = [`evt_${id}`, `ch_${id}`, `pi_${id}`];
  return {
    eventId,
    type,
    created,
    receivedAt: created,
    livemode: fields.livemode ?? true,
    account: fields.account ?? null,
    objectId,
    paymentIntent,
    status: "processed",
    reason: null,
    payload: new TextEncoder().encode("{}"),
    facts: {
      eventId,
      created,
      type,
      apiVersion: undefined,
      objectId,
      shows: [
        {
          object: "charge",
          id: objectId,
          paymentIntent,
          fromTransfer: false,
          status: "succeeded",
          captured: true,
          amount,
          amountCaptured: amount,
          amountRefunded: refunded,
          currency: fields.currency ?? "usd",
          multicapture: false,
        },
      ],
    },
  };
}
