import type { Json } from "../json.ts";
import type { Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import type { Scenario } from "./scenario.ts";
import { disputeObject, refundObject } from "../stripe-objects.ts";
import { createSale, chargeOf, intentOf } from "./sale.ts";
import { thinEvent } from "./uncounted.ts";

const brokenAmounts: readonly Json[] = [-1n, -9_007_199_254_740_993n, 10.5, "1000", null, true];
const brokenCurrencies: readonly Json[] = ["us", "dollars", "", "u$d", null, 840n];

const thinTypes = [
  "payment_intent.succeeded",
  "charge.succeeded",
  "charge.captured",
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.refund.updated",
  "charge.refunded",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
];

/** An event that should count and is invalid: it must be quarantined, and other events must not wait for it. */
export function unintelligibleEvent(scenario: Scenario): StripeEvent {
  const { random } = scenario;
  if (random.chance(0.2)) return thinEvent(scenario, `v1.${random.pick(thinTypes)}`);
  const amount = random.pick(brokenAmounts);
  const [amountFault, objectFault, envelopeFault]: readonly [Json | undefined, Members, Members] =
    random.pick([
      [amount, {}, {}] as const,
      [undefined, { currency: random.pick(brokenCurrencies) }, {}] as const,
      [undefined, {}, { livemode: undefined }] as const,
    ]);
  const [type, object] = random.pick([
    brokenPayment,
    brokenCharge,
    brokenRefund,
    brokenRefundList,
    brokenDispute,
  ])(scenario, amountFault, objectFault);
  return scenario.event(type, scenario.start, object, envelopeFault);
}

type Broken = readonly [type: string, object: Members];

function brokenPayment(scenario: Scenario, amount: Json | undefined, fault: Members): Broken {
  const sale = createSale(scenario, scenario.newId("pi"));
  const facts = amount === undefined ? fault : { amount_received: amount };
  return ["payment_intent.succeeded", intentOf(scenario, sale, facts)];
}

function brokenCharge(scenario: Scenario, amount: Json | undefined, fault: Members): Broken {
  const sale = createSale(scenario, undefined);
  const facts = amount === undefined ? fault : { amount_captured: amount };
  return [scenario.random.pick(["charge.succeeded", "charge.captured"]), chargeOf(scenario, sale, facts)];
}

function brokenRefund(scenario: Scenario, amount: Json | undefined, fault: Members): Broken {
  const type = scenario.random.pick([
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
  ]);
  return [type, standaloneRefund(scenario, amount === undefined ? fault : { amount })];
}

function brokenRefundList(scenario: Scenario, amount: Json | undefined, fault: Members): Broken {
  const sale = createSale(scenario, scenario.newId("pi"));
  const whole = { ...sale, captured: sale.authorised };
  const data = [standaloneRefund(scenario, amount === undefined ? fault : { amount })];
  return [
    "charge.refunded",
    chargeOf(scenario, whole, { amount_refunded: 900n, refunds: { object: "list", data } }),
  ];
}

function brokenDispute(scenario: Scenario, amount: Json | undefined, fault: Members): Broken {
  const type = scenario.random.pick(["charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"]);
  const facts = amount === undefined ? fault : { amount };
  return [
    type,
    disputeObject(scenario, {
      id: scenario.newId("dp"),
      amount: 500n,
      charge: scenario.newId("ch"),
      ...facts,
    }),
  ];
}

function standaloneRefund(scenario: Scenario, facts: Members): Members {
  const refund = { id: scenario.newId("re"), amount: 900n, created: scenario.start, status: "succeeded" };
  return refundObject(scenario, { ...refund, charge: scenario.newId("ch"), ...facts });
}
