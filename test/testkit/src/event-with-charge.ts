import type { EventRecord } from "@takings/domain";
import { storedEvent } from "./stored-event.ts";

/** The fields of an event with a charge; all but `id` and `at` have defaults. */
export type ChargeFields = {
  /** The ids without `ch_`, `pi_` and `evt_`. */
  readonly id: string;
  readonly at: Date;
  readonly amount?: bigint;
  /** What the charge's running total says was refunded. */
  readonly refunded?: bigint;
  readonly currency?: string;
  readonly source?: string;
  readonly account?: string | null;
  readonly livemode?: boolean;
};

/** A stored event that shows a captured charge of a PaymentIntent: it counts nothing, and shows that there is a payment. */
export function eventWithCharge(fields: ChargeFields): EventRecord {
  const { id, at: created, amount = 700n, refunded = 0n } = fields;
  const type = refunded > 0n ? "charge.refunded" : "charge.succeeded";
  const [eventId, objectId, paymentIntent] = [`evt_${id}`, `ch_${id}`, `pi_${id}`];
  const { source, account, livemode } = fields;
  const shows = [
    {
      object: "charge" as const,
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
  ];
  const scope = { source, account, livemode };
  return storedEvent({ eventId, type, created, objectId, paymentIntent, shows, ...scope });
}
