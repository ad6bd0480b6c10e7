import { later, type Members, type Scene, type StripeEvent } from "../scene.ts";
import { balanceTransactionObject, disputeObject } from "../stripe-objects.ts";
import { type Sale, toldOnceOrTwice } from "./sale.ts";

/** A dispute of a sale: opened, the money withdrawn, and perhaps won back. */
export function disputeSale(scene: Scene, sale: Sale): StripeEvent[] {
  const { random } = scene;
  const id = scene.name(random.pick(["dp", "du"]));
  const opened = later(random, sale.capturedAt) + 1;
  const disputed = random.chance(0.2) ? sale.captured / 2n + 1n : sale.captured;
  const disputeIn = (status: string, amount: bigint, movements: readonly Members[] | undefined): Members =>
    disputeObject(scene, {
      id,
      amount,
      charge: sale.charge,
      payment_intent: sale.intent ?? null,
      status,
      balance_transactions: movements,
    });
  const taken = movementsOf(scene, -disputed);
  const events = [
    scene.event("charge.dispute.created", opened, disputeIn("needs_response", disputed, taken)),
    ...toldOnceOrTwice(scene, opened, disputed, (at, amount) =>
      scene.event("charge.dispute.funds_withdrawn", at, disputeIn("needs_response", amount, taken)),
    ),
    scene.event("charge.dispute.updated", later(random, opened), disputeIn("under_review", disputed, taken)),
  ];
  const closed = later(random, opened) + 1;
  const won = random.chance(0.5);
  const all = won && taken !== undefined ? [...taken, ...(movementsOf(scene, disputed) ?? [])] : taken;
  const ending = (amount: bigint): Members =>
    disputeIn(won ? "won" : "lost", amount, random.chance(0.5) ? all?.toReversed() : all);
  if (won) {
    const tell = (at: number, amount: bigint): StripeEvent =>
      scene.event("charge.dispute.funds_reinstated", at, ending(amount));
    events.push(...toldOnceOrTwice(scene, closed, disputed, tell));
  }
  events.push(scene.event("charge.dispute.closed", closed, ending(disputed)));
  return events;
}

/** A bank that asks first: an inquiry opens and closes, and no money moves. */
export function inquire(scene: Scene, sale: Sale): StripeEvent[] {
  const id = scene.name("dp");
  const inquiry = (status: string): Members =>
    disputeObject(scene, {
      id,
      amount: sale.captured,
      charge: sale.charge,
      payment_intent: sale.intent ?? null,
      status,
      balance_transactions: [],
    });
  const opened = later(scene.random, sale.capturedAt);
  return [
    scene.event("charge.dispute.created", opened, inquiry("warning_needs_response")),
    scene.event("charge.dispute.updated", opened + 1, inquiry("warning_under_review")),
    scene.event("charge.dispute.closed", opened + 2, inquiry("warning_closed")),
  ];
}

/** What the balance shows: the amount, other than the amount, in two parts, in another currency, or nothing. */
function movementsOf(scene: Scene, amount: bigint): Members[] | undefined {
  const { random } = scene;
  const sign = amount < 0n ? -1n : 1n;
  const settled = scene.currency === "eur" ? "usd" : "eur";
  const shapes: readonly (() => Members[] | undefined)[] = [
    () => [balanceTransactionObject(scene, amount)],
    () => [balanceTransactionObject(scene, amount + sign * 3n)],
    () => [balanceTransactionObject(scene, amount), balanceTransactionObject(scene, sign * 15n)],
    () => [balanceTransactionObject(scene, amount * 2n, settled)],
    () => [balanceTransactionObject(scene, amount), balanceTransactionObject(scene, amount * 2n, settled)],
    () => [],
    () => undefined,
  ];
  return random.pick(shapes)();
}
