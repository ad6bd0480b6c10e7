import type { Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import { inLedgerScope, later, type Scenario } from "./scenario.ts";
import { createSale, chargeOf, intentOf, type Sale, reportedOnceOrTwice } from "./sale.ts";

/** A sale and its events. */
export type PaidSale = { readonly sale: Sale; readonly events: StripeEvent[] };

/** A payment with a PaymentIntent. Its charge is the same money. */
export function payByIntent(scenario: Scenario): PaidSale {
  const { random } = scenario;
  const sale = createSale(scenario, scenario.newId("pi"));
  const waiting = { amount_received: 0n, status: "requires_payment_method", latest_charge: null };
  const events = [
    scenario.event("payment_intent.created", scenario.start, intentOf(scenario, sale, waiting)),
    ...succeeded(scenario, sale),
    scenario.event("charge.succeeded", sale.capturedAt, chargeOf(scenario, sale)),
  ];
  if (sale.captured < sale.authorised) {
    const held = { captured: false, amount_captured: 0n };
    const capturable = {
      amount_received: 0n,
      amount_capturable: sale.authorised,
      status: "requires_capture",
    };
    events.push(
      scenario.event("charge.succeeded", scenario.start, chargeOf(scenario, sale, held)),
      scenario.event(
        "payment_intent.amount_capturable_updated",
        scenario.start,
        intentOf(scenario, sale, capturable),
      ),
      scenario.event("charge.captured", sale.capturedAt, chargeOf(scenario, sale)),
    );
  }
  if (random.chance(0.3)) {
    const settled = { balance_transaction: `txn_${random.letters(24)}` };
    events.push(
      scenario.event("charge.updated", later(random, sale.capturedAt), chargeOf(scenario, sale, settled)),
    );
  }
  return { sale, events };
}

/** A charge without a PaymentIntent: captured at once, or authorised first and captured later. */
export function payByCharge(scenario: Scenario): PaidSale {
  const sale = createSale(scenario, undefined);
  const tell = (type: string) => (at: number, amount: bigint) =>
    scenario.event(type, at, withoutIntent(scenario, chargeOf(scenario, sale, { amount_captured: amount })));
  if (sale.captured === sale.authorised) {
    const events = reportedOnceOrTwice(scenario, sale.capturedAt, sale.captured, tell("charge.succeeded"));
    // An additional capture event is still the same money.
    if (scenario.random.chance(0.2))
      events.push(tell("charge.captured")(later(scenario.random, scenario.start), sale.captured));
    return { sale, events };
  }
  const held = chargeOf(scenario, sale, { captured: false, amount_captured: 0n });
  return {
    sale,
    events: [
      scenario.event("charge.succeeded", scenario.start, withoutIntent(scenario, held)),
      ...reportedOnceOrTwice(scenario, sale.capturedAt, sale.captured, tell("charge.captured")),
    ],
  };
}

/** The same PaymentIntent id in another mode or account is a different payment. */
export function payInSeveralPlaces(scenario: Scenario, otherAccount: string): StripeEvent[] {
  const { sale, events } = payByIntent(scenario);
  const otherMode = inLedgerScope(scenario, { livemode: !scenario.livemode });
  const other = inLedgerScope(scenario, { account: otherAccount });
  return [...events, ...succeeded(otherMode, sale), ...succeeded(other, sale)];
}

/** A connected account's mirror of a transfer from the platform: no payment by a customer. */
export function receiveTransfer(
  scenario: Scenario,
  sale: Sale = createSale(scenario, undefined, "py"),
): StripeEvent[] {
  const mirror = chargeOf(scenario, sale, { source_transfer: scenario.newId("tr") });
  return [
    scenario.event("charge.succeeded", sale.capturedAt, mirror),
    scenario.event("charge.captured", sale.capturedAt, mirror),
  ];
}

/** Attempts that took no money: declined, canceled, authorised and expired, or for an amount of zero. */
export function payNothing(scenario: Scenario): StripeEvent[] {
  const { random } = scenario;
  const sale = createSale(scenario, scenario.newId("pi"));
  const alone = { ...sale, intent: undefined };
  const none = { amount_received: 0n };
  const held = { captured: false, amount_captured: 0n };
  const declined = { captured: false, amount_captured: 0n, paid: false, status: "failed" };
  const free = { amount: 0n, amount_captured: 0n };
  const tell = (type: string, object: Members): StripeEvent => scenario.event(type, scenario.start, object);
  return random.pick([
    () => [
      tell(
        "payment_intent.payment_failed",
        intentOf(scenario, sale, { ...none, status: "requires_payment_method" }),
      ),
    ],
    () => [tell("payment_intent.canceled", intentOf(scenario, sale, { ...none, status: "canceled" }))],
    () => [tell("payment_intent.succeeded", intentOf(scenario, sale, { ...none, amount: 0n }))],
    () => [tell("charge.failed", chargeOf(scenario, alone, declined))],
    () => [tell("charge.succeeded", chargeOf(scenario, alone, free))],
    () => [
      tell("charge.succeeded", chargeOf(scenario, alone, held)),
      scenario.event("charge.expired", later(random, scenario.start), chargeOf(scenario, alone, held)),
    ],
  ])();
}

function succeeded(scenario: Scenario, sale: Sale): StripeEvent[] {
  return reportedOnceOrTwice(scenario, sale.capturedAt, sale.captured, (at, amount) =>
    scenario.event("payment_intent.succeeded", at, intentOf(scenario, sale, { amount_received: amount })),
  );
}

/** Old payloads have `null`, and some lack the member. */
function withoutIntent<T extends { readonly [key: string]: unknown }>(scenario: Scenario, charge: T): T {
  return scenario.random.chance(0.3) ? { ...charge, payment_intent: undefined } : charge;
}
