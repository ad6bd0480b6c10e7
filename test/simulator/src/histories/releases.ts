import type { Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import { later, type Scenario } from "./scenario.ts";
import { refundObject } from "../stripe-objects.ts";
import { createSale, chargeOf, type Sale } from "./sale.ts";

/** A released authorisation. Stripe shows it as a refund, in several forms, although no money was taken. */
export function releaseAuthorisation(scenario: Scenario): StripeEvent[] {
  const sale = createSale(scenario, scenario.random.chance(0.5) ? scenario.newId("pi") : undefined);
  return scenario.random.pick([expired, voided, voidedWithChargeShown, nothingCaptured])(scenario, sale);
}

/** The authorisation expired: the refund's reason says so. */
function expired(scenario: Scenario, sale: Sale): StripeEvent[] {
  const release = releaseOf(scenario, sale, { reason: "expired_uncaptured_charge" });
  const at = later(scenario.random, scenario.start);
  return [
    scenario.event("refund.created", at, release),
    scenario.event("charge.refund.updated", at, release),
    scenario.event("refund.updated", later(scenario.random, at), release),
    scenario.event("charge.refunded", at, held(scenario, sale, release)),
  ];
}

/** Canceled by the merchant: the charge that lists the refund was never captured. */
function voided(scenario: Scenario, sale: Sale): StripeEvent[] {
  const charge = held(scenario, sale, releaseOf(scenario, sale, {}));
  return [scenario.event("charge.refunded", later(scenario.random, scenario.start), charge)];
}

/** The refund has its charge expanded, which was never captured. */
function voidedWithChargeShown(scenario: Scenario, sale: Sale): StripeEvent[] {
  const charge = chargeOf(scenario, sale, { captured: false, amount_captured: 0n });
  return [
    scenario.event(
      "refund.created",
      later(scenario.random, scenario.start),
      releaseOf(scenario, sale, { charge }),
    ),
  ];
}

/** The charge is captured with an amount of zero. */
function nothingCaptured(scenario: Scenario, sale: Sale): StripeEvent[] {
  const charge = {
    ...held(scenario, sale, releaseOf(scenario, sale, {})),
    captured: true,
    amount_captured: 0n,
  };
  return [scenario.event("charge.refunded", later(scenario.random, scenario.start), charge)];
}

function releaseOf(scenario: Scenario, sale: Sale, facts: Members): Members {
  return refundObject(scenario, {
    id: scenario.newId("re"),
    amount: sale.authorised,
    charge: sale.charge,
    created: scenario.start,
    payment_intent: sale.intent ?? null,
    status: "succeeded",
    ...facts,
  });
}

function held(scenario: Scenario, sale: Sale, release: Members): Members {
  return chargeOf(scenario, sale, {
    captured: false,
    // The oldest API versions lack this member.
    amount_captured: scenario.random.pick([() => 0n, () => undefined])(),
    amount_refunded: sale.authorised,
    refunded: true,
    refunds: { object: "list", data: [release], has_more: false, total_count: 1 },
  });
}
