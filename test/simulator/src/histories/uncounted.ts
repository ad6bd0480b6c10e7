import type { Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import type { Scenario } from "./scenario.ts";
import { createSale, chargeOf, intentOf } from "./sale.ts";

/** Events that are stored and count nothing: other objects, other types, and invalid amounts that are not used. */
export function uncountedEvents(scenario: Scenario): StripeEvent[] {
  return scenario.random.pick([aroundThePayment, ofUnknownKind, withBrokenAmounts, thinOfOtherTypes])(
    scenario,
  );
}

function aroundThePayment(scenario: Scenario): StripeEvent[] {
  const { random, start } = scenario;
  const customer = scenario.newId("cus");
  const invoice: Members = {
    id: scenario.newId("in"),
    object: "invoice",
    amount_due: 4_200n,
    amount_paid: 4_200n,
    currency: scenario.currency,
    customer,
    lines: { object: "list", data: [{ id: scenario.newId("il"), amount: 4_200n }], has_more: false },
    status: "paid",
  };
  const payout: Members = {
    id: scenario.newId("po"),
    object: "payout",
    amount: 99_000n,
    currency: scenario.currency,
  };
  return random
    .shuffle([
      scenario.event("customer.created", start, {
        id: customer,
        object: "customer",
        email: "jenny@example.com",
      }),
      scenario.event("customer.deleted", start + 9, { id: customer, object: "customer", deleted: true }),
      scenario.event("invoice.finalized", start + 1, { ...invoice, status: "open", amount_paid: 0n }),
      scenario.event("invoice.paid", start + 2, invoice),
      scenario.event("payout.paid", start + 3, payout),
    ])
    .slice(0, random.int(1, 5));
}

/** Unknown event types, and objects without the usual members. */
function ofUnknownKind(scenario: Scenario): StripeEvent[] {
  const { random, start } = scenario;
  const unknown = random.pick([
    "treasury.flow.imagined",
    "refund.reconsidered",
    "payment_intent.succeeded_twice",
    "ping",
  ]);
  return [
    scenario.event(unknown, start, {
      id: scenario.newId("obj"),
      object: "imagined",
      amount: 1_000n,
      currency: "usd",
    }),
    scenario.event("entitlements.active_entitlement_summary.updated", start, {
      object: "summary",
      entitlements: [],
    }),
    scenario.event("balance.available", start, {}, { data: {} }),
    scenario.event("account.updated", start, { id: scenario.newId("acct") }, { livemode: undefined }),
  ];
}

/** An invalid amount does not matter in an event that counts nothing. */
function withBrokenAmounts(scenario: Scenario): StripeEvent[] {
  const { start } = scenario;
  const sale = createSale(scenario, scenario.newId("pi"));
  const alone = { ...sale, intent: undefined };
  return [
    scenario.event("payment_intent.created", start, intentOf(scenario, sale, { amount_received: -5n })),
    scenario.event(
      "charge.succeeded",
      start,
      chargeOf(scenario, sale, { amount_captured: "1000", currency: 7n }),
    ),
    scenario.event(
      "charge.succeeded",
      start,
      chargeOf(scenario, alone, { captured: false, amount_captured: 0.5 }),
    ),
    scenario.event("charge.updated", start, chargeOf(scenario, alone, { amount_captured: -1n })),
  ];
}

function thinOfOtherTypes(scenario: Scenario): StripeEvent[] {
  return ["v1.customer.created", "v2.core.event_destination.ping"].map((type) => thinEvent(scenario, type));
}

/** A thin event: it refers to an object without including it. Its time is a string. */
export function thinEvent(scenario: Scenario, type: string): StripeEvent {
  const object = scenario.newId("obj");
  const related = { id: object, type: "imagined", url: `/v1/objects/${object}` };
  const thin = { object: "v2.core.event", related_object: related, data: undefined, account: undefined };
  const created = new Date(scenario.start * 1000).toISOString();
  return scenario.event(type, scenario.start, {}, { ...thin, api_version: undefined, created });
}
