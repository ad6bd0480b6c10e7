import type { Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import { later, type Scenario } from "./scenario.ts";
import { chargeObject, paymentIntentObject } from "../stripe-objects.ts";

/** A payment, as its refunds and disputes refer to it. */
export type Sale = {
  /** Absent on a charge that was made without a PaymentIntent. */
  readonly intent: string | undefined;
  readonly charge: string;
  readonly authorised: bigint;
  readonly captured: bigint;
  readonly capturedAt: number;
};

/** From one minor unit to more than a double can represent. */
function randomAmount({ random }: Scenario): bigint {
  const sizes: readonly (() => bigint)[] = [
    () => BigInt(random.int(1, 99)),
    () => BigInt(random.int(100, 250_000)),
    () => BigInt(random.int(100, 250_000)),
    () => BigInt(random.int(1_000_000, 2_000_000_000)),
  ];
  // 2^53 + 1 is the first whole number that a double rounds.
  return random.chance(0.03) ? 9_007_199_254_740_993n + BigInt(random.int(0, 1_000)) : random.pick(sizes)();
}

/** A random sale: captured whole, or in part after an authorisation. */
export function createSale(scenario: Scenario, intent: string | undefined, chargePrefix = "ch"): Sale {
  const { random } = scenario;
  const authorised = randomAmount(scenario);
  const partial = authorised > 3n && random.chance(0.3);
  return {
    intent,
    charge: scenario.newId(chargePrefix),
    authorised,
    captured: partial ? authorised / 3n + 1n : authorised,
    capturedAt: later(random, scenario.start),
  };
}

/** The charge of a sale, by default captured. */
export function chargeOf(scenario: Scenario, sale: Sale, facts: Members = {}): Members {
  return chargeObject(scenario, {
    id: sale.charge,
    amount: sale.authorised,
    amount_captured: sale.captured,
    captured: true,
    payment_intent: sale.intent ?? null,
    ...facts,
  });
}

/** The PaymentIntent of a sale, by default succeeded. */
export function intentOf(scenario: Scenario, sale: Sale, facts: Members = {}): Members {
  return paymentIntentObject(scenario, {
    id: sale.intent,
    amount: sale.authorised,
    amount_received: sale.captured,
    latest_charge: sale.charge,
    status: "succeeded",
    ...facts,
  });
}

/**
 * One fact reported by one event, or sometimes by two with different ids, close in time and sometimes with different
 * amounts. `tell` writes the event for a time and an amount.
 */
export function reportedOnceOrTwice(
  scenario: Scenario,
  at: number,
  amount: bigint,
  tell: (at: number, amount: bigint) => StripeEvent,
): StripeEvent[] {
  const { random } = scenario;
  const first = tell(at, amount);
  if (!random.chance(0.15)) return [first];
  return [first, tell(at + random.int(-2, 2), random.chance(0.4) ? amount + 7n : amount)];
}
