import type { Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import { later, type Scenario } from "./scenario.ts";
import { balanceTransactionObject, disputeObject, refundObject } from "../stripe-objects.ts";
import { receiveTransfer } from "./payments.ts";
import { createSale, chargeOf, intentOf, type Sale } from "./sale.ts";

/** Histories in which the meaning of one event depends on another, so that neither can be counted alone. */
export function crossEventHistory(scenario: Scenario): StripeEvent[] {
  return scenario.random.pick([
    mirrorTransferReversal,
    payOutCashBalance,
    cancelAuthorisation,
    captureSeveralTimes,
    returnLate,
    disputeInSteps,
  ])(scenario);
}

/** The platform reverses a transfer: the connected account sees a refund of a charge that took no money. */
function mirrorTransferReversal(scenario: Scenario): StripeEvent[] {
  const sale = createSale(scenario, undefined, "py");
  const saysSo = scenario.random.chance(0.5) ? scenario.newId("trr") : null;
  const mirror = { ...refundFacts(scenario, sale), source_transfer_reversal: saysSo };
  const at = later(scenario.random, sale.capturedAt);
  return [
    ...receiveTransfer(scenario, sale),
    scenario.event("refund.created", at, refundObject(scenario, mirror)),
  ];
}

/** A customer's cash balance is paid out to a bank; a payout to a card is an ordinary refund. */
function payOutCashBalance(scenario: Scenario): StripeEvent[] {
  const { random, start } = scenario;
  const type = random.pick(["us_bank_transfer", "eu_bank_transfer", "card"]);
  const refund = refundObject(scenario, {
    ...refundFacts(scenario, createSale(scenario, undefined)),
    charge: null,
    payment_intent: null,
    destination_details: { type },
  });
  return [
    scenario.event("refund.created", start, refund),
    scenario.event("refund.updated", later(random, start), refund),
  ];
}

/** Only other events show that this refund released an authorisation. */
function cancelAuthorisation(scenario: Scenario): StripeEvent[] {
  const { random, start } = scenario;
  const sale = createSale(scenario, scenario.newId("pi"));
  const held = { captured: false, amount_captured: 0n };
  const at = later(random, start);
  const released = refundObject(scenario, {
    ...refundFacts(scenario, sale),
    amount: sale.authorised,
    created: at,
  });
  const canceled = intentOf(scenario, sale, { amount_received: 0n, status: "canceled" });
  const evidence = [
    scenario.event("payment_intent.canceled", at, canceled),
    scenario.event(
      "charge.refunded",
      at,
      chargeOf(scenario, sale, { ...held, amount_refunded: sale.authorised }),
    ),
  ];
  return [
    scenario.event("charge.succeeded", start, chargeOf(scenario, sale, held)),
    scenario.event("refund.created", at, released),
    ...random.shuffle(evidence).slice(0, random.int(0, 2)),
  ];
}

/** Multicapture: each capture moves money, and `payment_intent.succeeded` may be missing. */
function captureSeveralTimes(scenario: Scenario): StripeEvent[] {
  const { random, start } = scenario;
  const sale = createSale(scenario, random.chance(0.8) ? scenario.newId("pi") : undefined);
  const shares = random.int(1, 3);
  const details = { card: { multicapture: { status: "available" } }, type: "card" };
  let at = start;
  const events = Array.from({ length: shares }, (_, index) => {
    at = later(random, at);
    const captured = (sale.captured * BigInt(index + 1)) / BigInt(shares);
    const facts = { amount_captured: captured, payment_method_details: details };
    return scenario.event(
      random.pick(["charge.captured", "charge.updated"]),
      at,
      chargeOf(scenario, sale, facts),
    );
  });
  if (sale.intent !== undefined && random.chance(0.7))
    events.push(scenario.event("payment_intent.succeeded", later(random, at), intentOf(scenario, sale)));
  return events;
}

/** A bank returns a payment after it succeeded. */
function returnLate(scenario: Scenario): StripeEvent[] {
  const sale = createSale(scenario, undefined);
  const at = later(scenario.random, sale.capturedAt);
  return [
    scenario.event("charge.succeeded", sale.capturedAt, chargeOf(scenario, sale)),
    scenario.event("charge.failed", at, chargeOf(scenario, sale, { status: "failed", paid: false })),
  ];
}

/** The money is withdrawn and partly reinstated in several transactions, which later events list again. */
function disputeInSteps(scenario: Scenario): StripeEvent[] {
  const { random } = scenario;
  const sale = createSale(scenario, scenario.newId("pi"));
  const currency = random.chance(0.7) ? scenario.currency : "usd";
  const half = -(sale.captured / 2n + 1n);
  const moved = [half, half, -half, -half / 2n].map((amount) =>
    balanceTransactionObject(scenario, amount, currency),
  );
  const facts = { id: scenario.newId("du"), amount: sale.captured, charge: sale.charge };
  let at = sale.capturedAt;
  const told = moved.map((_, index): StripeEvent => {
    at = later(random, at);
    const type = index < 2 ? "charge.dispute.funds_withdrawn" : "charge.dispute.funds_reinstated";
    const listed: Members = { balance_transactions: moved.slice(0, index + 1), payment_intent: sale.intent };
    return scenario.event(type, at, disputeObject(scenario, { ...facts, ...listed }));
  });
  return [
    scenario.event("payment_intent.succeeded", sale.capturedAt, intentOf(scenario, sale)),
    ...told.slice(0, random.int(1, told.length)),
  ];
}

function refundFacts(scenario: Scenario, sale: Sale): Members {
  return {
    id: scenario.newId(sale.charge.startsWith("py") ? "pyr" : "re"),
    amount: sale.captured,
    charge: sale.charge,
    created: later(scenario.random, sale.capturedAt),
    payment_intent: sale.intent ?? null,
    status: "succeeded",
  };
}
