import type { Members } from "../json.ts";
import type { StripeEvent } from "../event.ts";
import { later, type Scenario } from "./scenario.ts";
import { balanceTransactionObject, disputeObject } from "../stripe-objects.ts";
import { type Sale, reportedOnceOrTwice } from "./sale.ts";

/** A dispute of a sale: opened, money withdrawn, then lost or won. */
export function disputeSale(scenario: Scenario, sale: Sale): StripeEvent[] {
  const { random } = scenario;
  const id = scenario.newId(random.pick(["dp", "du"]));
  const opened = later(random, sale.capturedAt) + 1;
  const disputed = random.chance(0.2) ? sale.captured / 2n + 1n : sale.captured;
  const disputeIn = (status: string, amount: bigint, movements: readonly Members[] | undefined): Members =>
    disputeObject(scenario, {
      id,
      amount,
      charge: sale.charge,
      payment_intent: sale.intent ?? null,
      status,
      balance_transactions: movements,
    });
  const taken = movementsOf(scenario, -disputed);
  const events = [
    scenario.event("charge.dispute.created", opened, disputeIn("needs_response", disputed, taken)),
    ...reportedOnceOrTwice(scenario, opened, disputed, (at, amount) =>
      scenario.event("charge.dispute.funds_withdrawn", at, disputeIn("needs_response", amount, taken)),
    ),
    scenario.event(
      "charge.dispute.updated",
      later(random, opened),
      disputeIn("under_review", disputed, taken),
    ),
  ];
  const closed = later(random, opened) + 1;
  const won = random.chance(0.5);
  const all = won && taken !== undefined ? [...taken, ...(movementsOf(scenario, disputed) ?? [])] : taken;
  const ending = (amount: bigint): Members =>
    disputeIn(won ? "won" : "lost", amount, random.chance(0.5) ? all?.toReversed() : all);
  if (won) {
    const tell = (at: number, amount: bigint): StripeEvent =>
      scenario.event("charge.dispute.funds_reinstated", at, ending(amount));
    events.push(...reportedOnceOrTwice(scenario, closed, disputed, tell));
  }
  events.push(scenario.event("charge.dispute.closed", closed, ending(disputed)));
  return events;
}

/** An inquiry opens and closes, and no money moves. */
export function inquire(scenario: Scenario, sale: Sale): StripeEvent[] {
  const id = scenario.newId("dp");
  const inquiry = (status: string): Members =>
    disputeObject(scenario, {
      id,
      amount: sale.captured,
      charge: sale.charge,
      payment_intent: sale.intent ?? null,
      status,
      balance_transactions: [],
    });
  const opened = later(scenario.random, sale.capturedAt);
  return [
    scenario.event("charge.dispute.created", opened, inquiry("warning_needs_response")),
    scenario.event("charge.dispute.updated", opened + 1, inquiry("warning_under_review")),
    scenario.event("charge.dispute.closed", opened + 2, inquiry("warning_closed")),
  ];
}

/** The balance transactions: of the amount, of another amount, in two parts, in another currency, empty or missing. */
function movementsOf(scenario: Scenario, amount: bigint): Members[] | undefined {
  const { random } = scenario;
  const sign = amount < 0n ? -1n : 1n;
  const settled = scenario.currency === "eur" ? "usd" : "eur";
  const shapes: readonly (() => Members[] | undefined)[] = [
    () => [balanceTransactionObject(scenario, amount)],
    () => [balanceTransactionObject(scenario, amount + sign * 3n)],
    () => [balanceTransactionObject(scenario, amount), balanceTransactionObject(scenario, sign * 15n)],
    () => [balanceTransactionObject(scenario, amount * 2n, settled)],
    () => [
      balanceTransactionObject(scenario, amount),
      balanceTransactionObject(scenario, amount * 2n, settled),
    ],
    () => [],
    () => undefined,
  ];
  return random.pick(shapes)();
}
