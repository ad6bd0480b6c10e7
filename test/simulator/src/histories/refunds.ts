import type { Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import { later, type Scenario } from "./scenario.ts";
import { refundObject } from "../stripe-objects.ts";
import { chargeOf, type Sale } from "./sale.ts";

/** A refund as one event shows it. */
type Refund = {
  readonly id: string;
  readonly amount: bigint;
  readonly created: number;
  readonly status: string | null;
};

/** The statuses of a refund, in order. One that starts as failed is first seen when it fails. */
const courses: readonly (readonly string[])[] = [
  ["succeeded"],
  ["succeeded"],
  ["pending", "succeeded"],
  ["requires_action", "succeeded"],
  ["pending", "failed"],
  ["succeeded", "failed"],
  ["pending", "canceled"],
  ["failed"],
];

/** From this version on, payloads of a charge do not list its refunds. */
const firstVersionWithoutList = "2022-11-15";

/** One to three refunds of a sale, each in a random number of events. */
export function refundSale(scenario: Scenario, sale: Sale): StripeEvent[] {
  const { random } = scenario;
  const events: StripeEvent[] = [];
  const known: Refund[] = listsRefunds(scenario) ? releasedRest(scenario, sale) : [];
  if (known.length > 0) events.push(chargeRefunded(scenario, sale, known, sale.capturedAt));
  let at = sale.capturedAt;
  for (const share of shares(scenario, sale.captured)) {
    at = later(random, at) + 1;
    const id = scenario.newId(random.pick(["re", "re", "pyr"]));
    for (const [step, status] of random.pick(courses).entries()) {
      const refund = { id, amount: share, created: at, status };
      const told = step === 0 ? at : later(random, at);
      replaceOrAdd(known, refund);
      events.push(...reportRefund(scenario, sale, refund, told, step === 0));
      if (random.chance(0.6)) events.push(chargeRefunded(scenario, sale, known, told));
    }
  }
  return events;
}

/** The refund itself, in any of the event types that carry one, sometimes without its PaymentIntent. */
function reportRefund(
  scenario: Scenario,
  sale: Sale,
  refund: Refund,
  at: number,
  isFirst: boolean,
): StripeEvent[] {
  const { random } = scenario;
  const types = isFirst
    ? ["refund.created", "refund.created", "charge.refund.updated"]
    : ["refund.updated", "charge.refund.updated", ...(refund.status === "failed" ? ["refund.failed"] : [])];
  // A refund.failed event whose status is still succeeded is an ordinary refund.
  if (refund.status === "succeeded" && random.chance(0.05)) types.push("refund.failed");
  return random
    .shuffle(types)
    .slice(0, random.int(0, types.length))
    .map((type) => scenario.event(type, at, refundOf(scenario, sale, refund)));
}

/** The charge with its running total and, in old versions, with the list of its refunds, newest first. */
function chargeRefunded(scenario: Scenario, sale: Sale, known: readonly Refund[], at: number): StripeEvent {
  const total = known.reduce((sum, { amount }) => sum + amount, 0n);
  const data = known.toReversed().map((refund) => refundOf(scenario, sale, refund));
  const url = `/v1/charges/${sale.charge}/refunds`;
  const list = { object: "list", data, has_more: false, total_count: data.length, url };
  const refunds = listsRefunds(scenario) ? list : undefined;
  const refunded = total === sale.authorised;
  return scenario.event(
    "charge.refunded",
    at,
    chargeOf(scenario, sale, { amount_refunded: total, refunded, refunds }),
  );
}

function refundOf(scenario: Scenario, sale: Sale, refund: Refund): Members {
  const named = sale.intent === undefined || scenario.random.chance(0.7);
  return refundObject(scenario, {
    ...refund,
    charge: sale.charge,
    payment_intent: named ? (sale.intent ?? null) : scenario.random.pick([() => null, () => undefined])(),
    reason: scenario.random.pick([null, "requested_by_customer", "duplicate"]),
  });
}

/** In versions that list refunds, the list includes the released rest of a partial capture. */
function releasedRest(scenario: Scenario, sale: Sale): Refund[] {
  const rest = sale.authorised - sale.captured;
  if (rest === 0n) return [];
  return [{ id: scenario.newId("re"), amount: rest, created: sale.capturedAt, status: "succeeded" }];
}

function listsRefunds(scenario: Scenario): boolean {
  return scenario.apiVersion < firstVersionWithoutList;
}

function shares(scenario: Scenario, whole: bigint): bigint[] {
  const parts = BigInt(scenario.random.int(1, 3));
  if (whole < parts) return [whole];
  const share = whole / parts;
  return Array.from({ length: Number(parts) }, (_, index) =>
    index === 0 ? whole - share * (parts - 1n) : share,
  );
}

function replaceOrAdd(known: Refund[], refund: Refund): void {
  const index = known.findIndex(({ id }) => id === refund.id);
  if (index === -1) known.push(refund);
  else known[index] = refund;
}
