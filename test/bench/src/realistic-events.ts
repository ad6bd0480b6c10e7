import { type Random, createRandom } from "./random.ts";
import { checkoutSession, customer, dispute, refund } from "./realistic-objects.ts";
import { charge, type Json, type Order, paymentIntent } from "./realistic-shapes.ts";

/** One webhook body as Stripe writes it: two spaces of indentation, about 2 KB. */
export type RealisticEvent = {
  readonly id: string;
  readonly type: string;
  /** Unix seconds. */
  readonly created: number;
  readonly body: string;
};

const apiVersion = "2025-03-31.basil";
/** How much time passes between two orders, so that 100,000 of them fill a little more than a year. */
const secondsPerOrder = 360;

/**
 * The webhooks of an invented shop, order after order, endlessly and the same for the same seed. Ids are all
 * random, though in Stripe's own half of the characters repeat: what is measured on them flatters no compression.
 */
export function* realisticEvents(seed: number): Generator<RealisticEvent, never> {
  const random = createRandom(seed);
  for (let number = 1; ; number += 1) yield* tellOrder(placeOrder(random, number));
}

function placeOrder(random: Random, number: number): Order {
  const first = random.pick(["Jenny", "Ravi", "Amélie", "Kenji", "Olu", "Marta", "Sven", "Lucía"]);
  const last = random.pick(["Rosen", "Patel", "Dubois", "Tanaka", "Adeyemi", "Kowalska", "Berg", "García"]);
  const [country, city] = random.pick<readonly [string, string]>([
    ["DE", "Leipzig"],
    ["FR", "Lyon"],
    ["US", "Portland"],
    ["GB", "Leeds"],
    ["JP", "Osaka"],
  ]);
  return {
    random,
    paymentIntent: `pi_${random.letters(24)}`,
    charge: `ch_${random.letters(24)}`,
    paymentMethod: `pm_${random.letters(24)}`,
    customer: `cus_${random.letters(14)}`,
    name: `${first} ${last}`,
    email: `${random.letters(8).toLowerCase()}@${random.pick(["gmail.com", "posteo.de", "example.org"])}`,
    city,
    postalCode: String(random.int(10_000, 99_999)),
    country,
    currency: random.pick(["usd", "usd", "eur", "eur", "gbp", "jpy"]),
    amount: random.int(300, 40_000),
    at: 1_700_000_000 + number * secondsPerOrder + random.int(0, secondsPerOrder),
    orderNumber: `B-${100_000 + number}`,
    livemode: true,
  };
}

function* tellOrder(order: Order): Generator<RealisticEvent> {
  const { random, at } = order;
  const tell = (type: string, after: number, object: Json): RealisticEvent =>
    envelope(random, type, at + after, object);
  if (random.oncePer(3)) yield tell("customer.created", 0, customer(order));
  yield tell("payment_intent.created", 0, paymentIntent(order, "requires_payment_method"));
  if (random.oncePer(12))
    return yield tell("payment_intent.payment_failed", 3, paymentIntent(order, "requires_payment_method"));
  yield tell("charge.succeeded", 2, charge(order));
  yield tell("payment_intent.succeeded", 2, paymentIntent(order, "succeeded"));
  yield tell("charge.updated", 4, charge(order));
  if (random.oncePer(2)) yield tell("checkout.session.completed", 3, checkoutSession(order));
  if (random.oncePer(12)) yield* tellRefund(order, tell);
  if (random.oncePer(100)) yield* tellDispute(order, tell);
}

type Tell = (type: string, after: number, object: Json) => RealisticEvent;

function* tellRefund(order: Order, tell: Tell): Generator<RealisticEvent> {
  const after = order.random.int(600, 2_000_000);
  const amount = order.random.oncePer(3) ? Math.ceil(order.amount / 3) : order.amount;
  const made = refund(order, amount, order.at + after);
  yield tell("refund.created", after, made);
  yield tell(
    "charge.refunded",
    after,
    charge(order, { amount_refunded: amount, refunded: amount === order.amount }),
  );
  yield tell("refund.updated", after + 30, made);
}

function* tellDispute(order: Order, tell: Tell): Generator<RealisticEvent> {
  const after = order.random.int(86_400, 4_000_000);
  const opened = dispute(order, order.at + after);
  yield tell("charge.dispute.created", after, { ...opened, balance_transactions: [] });
  yield tell("charge.dispute.funds_withdrawn", after + 1, opened);
}

function envelope(random: Random, type: string, created: number, object: Json): RealisticEvent {
  const id = `evt_${random.letters(24)}`;
  const request = { id: `req_${random.letters(14)}`, idempotency_key: uuid(random) };
  const event = {
    id,
    object: "event",
    api_version: apiVersion,
    created,
    data: { object },
    livemode: true,
    pending_webhooks: random.int(1, 3),
    request: random.oncePer(2) ? request : { id: null, idempotency_key: null },
    type,
  };
  return { id, type, created, body: JSON.stringify(event, null, 2) };
}

function uuid(random: Random): string {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => random.int(0, 15).toString(16)).join("");
  return [hex(8), hex(4), hex(4), hex(4), hex(12)].join("-");
}
