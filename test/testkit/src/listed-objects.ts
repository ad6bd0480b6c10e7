import type { StripeObject } from "./fake-stripe.ts";

// Objects as Stripe's API lists them, made some seconds before now.

export const hour = 3_600;
/** When the tests began, in Unix seconds. */
export const now: number = Math.floor(Date.now() / 1_000);

/** A PaymentIntent that was charged then, and whose money came a minute later. */
export function intent(id: string, secondsAgo: number, amount = 500): StripeObject {
  const created = now - secondsAgo;
  const charge = { id: `ch_${id}`, created, balance_transaction: { id: "txn_1", created: created + 60 } };
  return {
    id: `pi_${id}`,
    object: "payment_intent",
    created: created - 30,
    status: "succeeded",
    amount_received: amount,
    currency: "usd",
    latest_charge: charge,
    metadata: { name: "Jenny Rosen" },
    livemode: false,
  };
}

/** The event of such a PaymentIntent. */
export function succeeded(id: string, secondsAgo: number, amount = 500): StripeObject {
  return {
    id: `evt_${id}`,
    object: "event",
    api_version: "2022-08-01",
    created: now - secondsAgo,
    livemode: false,
    pending_webhooks: 0,
    type: "payment_intent.succeeded",
    data: { object: { id: `pi_${id}`, amount_received: amount, currency: "usd" } },
  };
}

/** A captured charge. */
export function charge(id: string, secondsAgo: number): StripeObject {
  return {
    id: `ch_${id}`,
    object: "charge",
    created: now - secondsAgo,
    status: "succeeded",
    captured: true,
    amount: 700,
    amount_captured: 700,
    currency: "usd",
  };
}

/** A refund that went through. */
export function refund(id: string, secondsAgo: number): StripeObject {
  const created = now - secondsAgo;
  return { id: `re_${id}`, object: "refund", created, status: "succeeded", amount: 200, currency: "usd" };
}

/** A dispute with a balance transaction of each of these amounts, a second apart. */
export function dispute(id: string, secondsAgo: number, moved: readonly number[]): StripeObject {
  const created = now - secondsAgo;
  const transactions = moved.map((amount, n) => ({
    id: `txn_${n}`,
    amount,
    currency: "usd",
    created: created + n,
  }));
  return {
    id: `dp_${id}`,
    object: "dispute",
    created,
    amount: 900,
    currency: "usd",
    status: "lost",
    balance_transactions: transactions,
  };
}
