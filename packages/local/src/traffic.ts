import { type Random, seededRandom } from "./random.ts";
import { type CurrencyTotals, noTotals, type Totals } from "./revenue-totals.ts";
import { charge, dispute, type Json, type PaymentFacts, paymentIntent, refund } from "./stripe-objects.ts";

/** One event ready to be signed and sent. */
export interface TrafficEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

/** What happened in an invented builder, and the revenue it must come to. */
export interface Traffic {
  /** Each event once, in an order in which they could have happened. */
  readonly events: readonly TrafficEvent[];
  readonly expected: Totals;
}

/** What the traffic depends on. */
export interface TrafficSettings {
  /** How many different events. */
  readonly events: number;
  readonly seed: number;
  /** Letters and digits that make all ids of this run its own. */
  readonly run: string;
  /** Unix seconds; everything happened in the day before. */
  readonly now: number;
}

/** Collects the events and the revenue of one chunk of traffic. */
interface TrafficBuilder {
  readonly random: Random;
  readonly now: number;
  readonly id: (prefix: string) => string;
  readonly addEvent: (type: string, at: number, object: Json) => void;
  readonly count: (currency: string) => CurrencyTotals;
}

interface Scenario {
  /** How many events it tells. */
  readonly length: number;
  play(builder: TrafficBuilder, facts: PaymentFacts): void;
}

// Amounts are in the smallest unit: 1,999 is 19.99 US dollars, 1,999 yen or 1.999 Kuwaiti dinars; Stripe
// takes the last only in steps of ten.
const currencies = ["usd", "usd", "usd", "eur", "eur", "gbp", "jpy", "kwd"] as const;

const scenarios: readonly [Scenario, ...Scenario[]] = [
  { length: 3, play: pay },
  { length: 3, play: pay },
  { length: 3, play: pay },
  { length: 1, play: payByChargeAlone },
  { length: 2, play: decline },
  { length: 3, play: captureInPart },
  { length: 6, play: refundInPart },
  { length: 5, play: refundThatFails },
  { length: 6, play: disputeLost },
  { length: 7, play: disputeWon },
];

/** Invents traffic; the same settings give the same traffic. */
export function generateTraffic(settings: TrafficSettings): Traffic {
  const { random, events, expected, builder } = createTrafficBuilder(settings);
  while (events.length < settings.events) {
    const scenario = random.pick(scenarios);
    const facts = generatePayment(builder);
    if (events.length + scenario.length <= settings.events) scenario.play(builder, facts);
    else
      builder.addEvent("customer.created", facts.at, {
        id: facts.customer,
        object: "customer",
        livemode: false,
      });
  }
  return { events, expected };
}

function createTrafficBuilder({ seed, run, now }: TrafficSettings): {
  random: Random;
  events: TrafficEvent[];
  expected: Map<string, CurrencyTotals>;
  builder: TrafficBuilder;
} {
  const random = seededRandom(seed);
  const events: TrafficEvent[] = [];
  const expected = new Map<string, CurrencyTotals>();
  let serial = 0;
  const id = (prefix: string): string => `${prefix}_${run}${(serial++).toString(36).padStart(6, "0")}`;
  function addEvent(type: string, at: number, object: Json): void {
    const event = {
      id: id("evt"),
      object: "event",
      api_version: "2025-03-31.basil",
      created: at,
      data: { object },
    };
    const body = JSON.stringify({ ...event, livemode: false, pending_webhooks: 1, request: null, type });
    events.push({ id: event.id, type, body });
  }
  function count(currency: string): CurrencyTotals {
    const totals = expected.get(currency) ?? noTotals();
    expected.set(currency, totals);
    return totals;
  }
  return { random, events, expected, builder: { random, now, id, addEvent, count } };
}

function generatePayment({ random, now, id }: TrafficBuilder): PaymentFacts {
  const currency = random.pick(currencies);
  const amount = random.integer(100, 20_000) * stepOf(currency);
  return {
    paymentIntent: id("pi"),
    charge: id("ch"),
    customer: id("cus"),
    currency,
    authorised: amount,
    captured: amount,
    at: now - random.integer(3_600, 86_400),
  };
}

function received(builder: TrafficBuilder, facts: PaymentFacts): void {
  const totals = builder.count(facts.currency);
  totals.gross += BigInt(facts.captured);
  totals.payments += 1;
}

function pay(builder: TrafficBuilder, facts: PaymentFacts): void {
  builder.addEvent("payment_intent.created", facts.at, paymentIntent(facts, "requires_payment_method"));
  builder.addEvent("charge.succeeded", facts.at + 1, charge(facts));
  builder.addEvent("payment_intent.succeeded", facts.at + 1, paymentIntent(facts, "succeeded"));
  received(builder, facts);
}

function payByChargeAlone(builder: TrafficBuilder, facts: PaymentFacts): void {
  builder.addEvent("charge.succeeded", facts.at, charge(facts, { payment_intent: null }));
  received(builder, facts);
}

function decline(builder: TrafficBuilder, facts: PaymentFacts): void {
  builder.addEvent("payment_intent.created", facts.at, paymentIntent(facts, "requires_payment_method"));
  builder.addEvent(
    "payment_intent.payment_failed",
    facts.at + 1,
    paymentIntent(facts, "requires_payment_method"),
  );
}

function captureInPart(builder: TrafficBuilder, full: PaymentFacts): void {
  const facts = { ...full, captured: partOf(full.authorised, full.currency) };
  const capturable = paymentIntent(facts, "requires_capture");
  builder.addEvent("payment_intent.amount_capturable_updated", facts.at, capturable);
  builder.addEvent("charge.captured", facts.at + 600, charge(facts));
  builder.addEvent("payment_intent.succeeded", facts.at + 600, paymentIntent(facts, "succeeded"));
  received(builder, facts);
}

function refundInPart(builder: TrafficBuilder, facts: PaymentFacts): void {
  pay(builder, facts);
  const amount = partOf(facts.captured, facts.currency);
  const at = facts.at + 900;
  const made = refund(facts, builder.id("re"), amount, at, "succeeded");
  builder.addEvent("refund.created", at, made);
  builder.addEvent("charge.refunded", at, charge(facts, { amount_refunded: amount }));
  builder.addEvent("refund.updated", at + 30, made);
  refunded(builder, facts.currency, amount);
}

// The money left and came back: it was refunded once, and the refunded amount is nothing.
function refundThatFails(builder: TrafficBuilder, facts: PaymentFacts): void {
  pay(builder, facts);
  const id = builder.id("re");
  const at = facts.at + 900;
  builder.addEvent("refund.created", at, refund(facts, id, facts.captured, at, "pending"));
  builder.addEvent("refund.failed", at + 1_200, refund(facts, id, facts.captured, at, "failed"));
  refunded(builder, facts.currency, 0);
}

function refunded(builder: TrafficBuilder, currency: string, amount: number): void {
  const totals = builder.count(currency);
  totals.refunded += BigInt(amount);
  totals.refunds += 1;
}

function disputeLost(builder: TrafficBuilder, facts: PaymentFacts): void {
  const id = openDispute(builder, facts);
  builder.addEvent("charge.dispute.closed", facts.at + 1_800, dispute(facts, id, "lost", [-facts.captured]));
  builder.count(facts.currency).disputed += BigInt(facts.captured);
}

function disputeWon(builder: TrafficBuilder, facts: PaymentFacts): void {
  const id = openDispute(builder, facts);
  const won = dispute(facts, id, "won", [-facts.captured, facts.captured]);
  builder.addEvent("charge.dispute.funds_reinstated", facts.at + 1_800, won);
  builder.addEvent("charge.dispute.closed", facts.at + 1_800, won);
}

function openDispute(builder: TrafficBuilder, facts: PaymentFacts): string {
  pay(builder, facts);
  const id = builder.id("dp");
  builder.addEvent("charge.dispute.created", facts.at + 60, dispute(facts, id, "needs_response", []));
  builder.addEvent(
    "charge.dispute.funds_withdrawn",
    facts.at + 61,
    dispute(facts, id, "needs_response", [-facts.captured]),
  );
  builder.count(facts.currency).disputes += 1;
  return id;
}

/** About a third of an amount, in the steps that the currency allows. */
function partOf(amount: number, currency: string): number {
  const step = stepOf(currency);
  return Math.floor(amount / 3 / step) * step;
}

function stepOf(currency: string): number {
  return currency === "kwd" ? 10 : 1;
}
