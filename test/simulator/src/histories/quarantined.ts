import type { Json, Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import type { Scenario } from "./scenario.ts";
import { disputeObject, refundObject } from "../stripe-objects.ts";
import { createSale, chargeOf, intentOf } from "./sale.ts";
import { thinEvent } from "./uncounted.ts";

const brokenAmounts: readonly Json[] = [-1n, -9_007_199_254_740_993n, 10.5, "1000", null, true];
const brokenCurrencies: readonly Json[] = ["us", "dollars", "", "u$d", null, 840n];

/** Event types that count, the member with their amount, and what they show with that or another member broken. */
type Countable = {
  readonly types: readonly string[];
  readonly amount: string;
  readonly object: (scenario: Scenario, fault: Members) => Members;
};

const countables: readonly Countable[] = [
  {
    types: ["payment_intent.succeeded"],
    amount: "amount_received",
    object: (scenario, fault) => intentOf(scenario, createSale(scenario, scenario.newId("pi")), fault),
  },
  {
    types: ["charge.succeeded", "charge.captured"],
    amount: "amount_captured",
    object: (scenario, fault) => chargeOf(scenario, createSale(scenario, undefined), fault),
  },
  {
    types: ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"],
    amount: "amount",
    object: standaloneRefund,
  },
  { types: ["charge.refunded"], amount: "amount", object: refundedCharge },
  {
    types: ["charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"],
    amount: "amount",
    object: (scenario, fault) => {
      const dispute = { id: scenario.newId("dp"), amount: 500n, charge: scenario.newId("ch") };
      return disputeObject(scenario, { ...dispute, ...fault });
    },
  },
];
const thinTypes = countables.flatMap(({ types }) => types.map((type) => `v1.${type}`));

/** An event that should count and is invalid: it must be quarantined, and other events must not wait for it. */
export function unintelligibleEvent(scenario: Scenario): StripeEvent {
  const { random, start } = scenario;
  if (random.chance(0.2)) return thinEvent(scenario, random.pick(thinTypes));
  const { types, amount, object } = random.pick(countables);
  const [objectFault, envelopeFault] = random.pick<readonly [object: Members, envelope: Members]>([
    [{ [amount]: random.pick(brokenAmounts) }, {}],
    [{ currency: random.pick(brokenCurrencies) }, {}],
    [{}, { livemode: undefined }],
  ]);
  return scenario.event(random.pick(types), start, object(scenario, objectFault), envelopeFault);
}

/** A charge that lists the invalid refund. */
function refundedCharge(scenario: Scenario, fault: Members): Members {
  const sale = createSale(scenario, scenario.newId("pi"));
  const refunds = { object: "list", data: [standaloneRefund(scenario, fault)] };
  return chargeOf(scenario, { ...sale, captured: sale.authorised }, { amount_refunded: 900n, refunds });
}

function standaloneRefund(scenario: Scenario, fault: Members): Members {
  const refund = { id: scenario.newId("re"), amount: 900n, created: scenario.start, status: "succeeded" };
  return refundObject(scenario, { ...refund, charge: scenario.newId("ch"), ...fault });
}
