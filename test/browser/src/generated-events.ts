import type { EventRecord } from "@takings/domain";
import { createRandom, type Random } from "@takings/simulator";
import { eventWithCharge, eventWithEntry } from "@takings/testkit";

/** The months that the generated ledger is about; the end is exclusive. */
export const generatedTime = { from: Date.UTC(2026, 8, 1), to: Date.UTC(2026, 10, 1) } as const;

/** A payment of the generated ledger. */
export type GeneratedPayment = {
  readonly paymentIntent: string;
  readonly currency: "usd" | "eur" | "jpy";
  readonly amount: bigint;
  readonly at: number;
};

/** The payment with the most to tell: paid, partly refunded, disputed, and the dispute won. */
export const eventfulPayment = "pi_3QkfT2LkdIwHu7ix0Example";
export const eventfulEvent = "evt_3QkfT2LkdIwHu7ix0Example";

const dayMs = 86_400_000;

/** Payments of a shop that sells more on weekdays, with refunds and disputes of some. */
export function generateEvents(seed: number): {
  readonly payments: readonly GeneratedPayment[];
  readonly events: readonly EventRecord[];
} {
  const random = createRandom(seed);
  const payments = Array.from({ length: days() }, (_, day) => paymentsOfDay(random, day)).flat();
  return { payments, events: [...payments.flatMap((one) => eventsOf(random, one)), ...eventful()] };
}

function days(): number {
  return (generatedTime.to - generatedTime.from) / dayMs;
}

function paymentsOfDay(random: Random, day: number): GeneratedPayment[] {
  const start = generatedTime.from + day * dayMs;
  const isWeekend = [0, 6].includes(new Date(start).getUTCDay());
  return Array.from({ length: random.int(2, isWeekend ? 4 : 9) }, () => {
    const currency = random.chance(0.7) ? "usd" : random.chance(0.8) ? "eur" : "jpy";
    return {
      paymentIntent: `pi_3Q${random.letters(22)}`,
      currency,
      amount: BigInt(random.int(900, 48_000)),
      at: start + random.int(0, dayMs / 1_000 - 1) * 1_000,
    } as const;
  });
}

function eventsOf(random: Random, payment: GeneratedPayment): EventRecord[] {
  const { paymentIntent, currency, amount } = payment;
  const later = (most: number): string => {
    const at = payment.at + random.int(1, most) * dayMs;
    return new Date(Math.min(at, generatedTime.to - 1_000)).toISOString();
  };
  const shared = { currency, paymentIntent };
  const paid = paymentEvent(`evt_3Q${random.letters(22)}`, payment);
  if (random.chance(0.08)) {
    const name = random.letters(22);
    const part = random.chance(0.5) ? amount : amount / 2n;
    const refund = { kind: "refund", objectId: `re_3Q${name}`, amount: part } as const;
    return [paid, eventWithEntry({ eventId: `evt_3R${name}`, ...refund, at: later(12), ...shared })];
  }
  if (random.chance(0.02)) {
    const name = random.letters(22);
    const dispute = { kind: "dispute", objectId: `dp_1Q${name}`, amount } as const;
    return [paid, eventWithEntry({ eventId: `evt_1D${name}`, ...dispute, at: later(20), ...shared })];
  }
  return [paid];
}

function paymentEvent(eventId: string, payment: GeneratedPayment): EventRecord {
  const { paymentIntent, currency, amount, at } = payment;
  return eventWithEntry({
    eventId,
    objectId: paymentIntent,
    currency,
    amount,
    at: new Date(at).toISOString(),
    payload: JSON.stringify(
      {
        id: eventId,
        object: "event",
        api_version: "2026-06-30.dahlia",
        created: at / 1_000,
        data: {
          object: {
            id: paymentIntent,
            object: "payment_intent",
            amount: Number(amount),
            amount_received: Number(amount),
            currency,
            metadata: { order: paymentIntent.slice(-6) },
            status: "succeeded",
          },
        },
        livemode: true,
        type: "payment_intent.succeeded",
      },
      null,
      2,
    ),
  });
}

function eventful(): EventRecord[] {
  const at = (day: number): string => new Date(Date.UTC(2026, 9, day, 14, 5, 9)).toISOString();
  const payment = { paymentIntent: eventfulPayment, currency: "usd", amount: 42_000n } as const;
  const shared = { currency: "usd", paymentIntent: eventfulPayment };
  const dispute = { objectId: "dp_1QkfT2LkdIwHu7ixExample", amount: 30_000n, ...shared };
  return [
    paymentEvent(eventfulEvent, { ...payment, at: Date.UTC(2026, 9, 5, 9, 30, 12) }),
    eventWithEntry({
      eventId: "evt_3RkfT2LkdIwHu7ix0Refunded",
      kind: "refund",
      objectId: "re_3QkfT2LkdIwHu7ix0Example",
      amount: 12_000n,
      at: at(8),
      ...shared,
    }),
    eventWithEntry({ eventId: "evt_1QkfT2LkdIwHu7ixDisputed", kind: "dispute", at: at(14), ...dispute }),
    eventWithEntry({
      eventId: "evt_1QkfT2LkdIwHu7ixReturned",
      kind: "dispute_reversal",
      at: at(26),
      ...dispute,
    }),
  ];
}

/** What arrives later: a payment and a refund of October, so that its figures change afterwards. */
export function lateEvents(): EventRecord[] {
  const at = new Date(Date.UTC(2026, 9, 30, 18)).toISOString();
  return [
    eventWithEntry({ eventId: "evt_late_payment", objectId: "pi_late", amount: 25_000n, at }),
    eventWithEntry({
      eventId: "evt_late_refund",
      kind: "refund",
      objectId: "re_late",
      paymentIntent: eventfulPayment,
      amount: 1_500n,
      at,
    }),
  ];
}

/** What is not counted: an event without effect, charges whose payments are missing, and an event that cannot be understood. */
export function troubledEvents(): EventRecord[] {
  const at = "2026-10-12T08:00:00Z";
  const quarantined = eventWithEntry({ eventId: "evt_quarantined", at });
  return [
    // What the generated payouts say that they were stated by.
    { ...eventWithEntry({ eventId: "evt_1", type: "payout.updated", at }), facts: undefined },
    eventWithCharge({ id: "missing_1", at: new Date("2026-10-11T10:00:00Z") }),
    eventWithCharge({ id: "missing_2", at: new Date("2026-10-13T11:00:00Z"), refunded: 200n }),
    { ...quarantined, status: "quarantined", reason: "amount_received is missing", facts: undefined },
  ];
}
