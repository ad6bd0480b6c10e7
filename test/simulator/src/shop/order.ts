import { eventObject, type StripeEvent } from "../event.ts";
import type { Members } from "../json.ts";
import type { Random } from "../random.ts";
import { chargeObject, createCustomer, type PaymentContext, paymentIntentObject } from "../stripe-objects.ts";

/** What the orders of a shop depend on. */
export type Shop = {
  readonly random: Random;
  readonly livemode: boolean;
  /** Letters and digits that all ids of this run begin with. */
  readonly run: string;
  /** When an order is placed, in Unix seconds. */
  readonly placedAt: (orderNumber: number) => number;
  /** The longest time from a payment to its refund or dispute, in seconds. */
  readonly maxDelay: number;
};

/** An order, before it is known what becomes of it. Amounts in the currency's minor unit. */
export type Order = PaymentContext & {
  readonly paymentIntent: string;
  readonly charge: string;
  readonly amount: number;
  readonly maxDelay: number;
  /** A new id for an object. */
  readonly newId: (prefix: string) => string;
};

const currencies = ["usd", "usd", "usd", "eur", "eur", "gbp", "jpy", "kwd"];
const idLength = 24;
/** Enough for ids to be unique behind any run. */
const minRandomLetters = 12;

/** Places an order: who buys for how much, and when. */
export function placeOrder(shop: Shop, orderNumber: number): Order {
  const { random, livemode, run, maxDelay } = shop;
  const newId = (prefix: string): string =>
    `${prefix}_${run}${random.letters(Math.max(minRandomLetters, idLength - run.length))}`;
  const currency = random.pick(currencies);
  return {
    random,
    livemode,
    currency,
    start: shop.placedAt(orderNumber),
    customer: { ...createCustomer(random), id: newId("cus") },
    paymentIntent: newId("pi"),
    charge: newId("ch"),
    amount: random.int(300, 40_000) * stepOf(currency),
    maxDelay,
    newId,
  };
}

/** About a third of an order's amount, in the steps that its currency allows. */
export function partOf({ amount, currency }: Order): number {
  const step = stepOf(currency);
  return Math.floor(amount / 3 / step) * step;
}

/** Stripe takes amounts of three-decimal currencies only in steps of ten. */
function stepOf(currency: string): number {
  return currency === "kwd" ? 10 : 1;
}

/** An event of an order, this many seconds after it was placed, written as Stripe writes it. */
export function orderEvent(order: Order, type: string, after: number, object: Members): StripeEvent {
  const { random, livemode, start, newId } = order;
  const id = newId("evt");
  const request = { id: `req_${random.letters(14)}`, idempotency_key: uuid(random) };
  const event = eventObject(
    { id, type, created: start + after, livemode, object },
    {
      pending_webhooks: random.int(1, 3),
      request: random.chance(0.5) ? request : { id: null, idempotency_key: null },
    },
  );
  return { id, type, body: JSON.stringify(event, null, 2) };
}

/** The PaymentIntent of an order; with the amount received once it has succeeded. */
export function intentOf(order: Order, status: string, received: number = order.amount): Members {
  const { amount, paymentIntent: id, charge } = order;
  const isPaid = status === "succeeded";
  const isHeld = status === "requires_capture";
  return paymentIntentObject(order, {
    id,
    amount,
    amount_capturable: isHeld ? amount : 0,
    amount_received: isPaid ? received : 0,
    latest_charge: isPaid || isHeld ? charge : null,
    status,
  });
}

/** The charge of an order, captured whole. */
export function chargeOf(order: Order, changes: Members = {}): Members {
  const { amount, charge: id, paymentIntent } = order;
  return chargeObject(order, {
    id,
    amount,
    amount_captured: amount,
    payment_intent: paymentIntent,
    ...changes,
  });
}

function uuid(random: Random): string {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => random.int(0, 15).toString(16)).join("");
  return [hex(8), hex(4), hex(4), hex(4), hex(12)].join("-");
}
