import { type Entry, entry } from "./entries.ts";
import { amountOf, type Body, inOrder, type Shown, signedAmountOf, sumOf } from "./events.ts";
import type { ScopeView } from "./scope-view.ts";

type Direction = "taken" | "given back";
type Transaction = { readonly id: string; readonly amount: bigint; readonly currency: string };

const types = {
  taken: "charge.dispute.funds_withdrawn",
  "given back": "charge.dispute.funds_reinstated",
} as const;

export function disputeEntries(view: ScopeView): Entry[] {
  const disputes = [...new Set(view.shown.filter(({ object }) => object === "dispute").map(({ id }) => id))];
  return disputes.flatMap((dispute) => [
    ...rises(view, dispute, "taken"),
    ...rises(view, dispute, "given back"),
  ]);
}

/** Each rise of how much has moved so far. */
function rises(view: ScopeView, dispute: string, direction: Direction): Entry[] {
  const reported = reportingEvents(view, dispute, direction);
  const moved = movedSoFar(view, dispute, reported, direction);
  let highest = 0n;
  return reported.flatMap((by, index) => {
    const [before, now] = [highest, moved[index] ?? 0n];
    if (now <= before) return [];
    highest = now;
    return [
      entry(by, {
        kind: direction === "taken" ? "dispute" : "dispute_reversal",
        object_id: dispute,
        amount: direction === "taken" ? before - now : now - before,
        payment_intent: by.intent ?? intentOf(view, by),
        keyed: before > 0n,
      }),
    ];
  });
}

function reportingEvents(view: ScopeView, dispute: string, direction: Direction): Shown[] {
  return inOrder(
    view.shown.filter(
      ({ object, id, event, place }) =>
        object === "dispute" && id === dispute && place === "outermost" && event.type === types[direction],
    ),
  );
}

/** In the dispute's currency, after each of the events. */
function movedSoFar(
  view: ScopeView,
  dispute: string,
  reported: readonly Shown[],
  direction: Direction,
): readonly bigint[] {
  const base = takenInOtherCurrency(view, dispute);
  let [abroad, shares] = [0n, 0n];
  return reported.map((by, index) => {
    const amount = amountOf(by.body, "amount") ?? 0n;
    const listed = transactions(reported.slice(0, index + 1), direction);
    if (listed.length === 0) return amount;
    if (listed.some(({ currency }) => currency === by.body["currency"])) return moneyOf(by, listed);
    const step = moneyOf(by, listed) - abroad;
    abroad = moneyOf(by, listed);
    if (step > 0n) {
      const share = base === 0n ? amount : (2n * step * amount + base) / (2n * base);
      shares += share < amount ? share : amount;
    }
    return shares;
  });
}

/** What stands for the dispute's amount where all transactions are in another currency. */
function takenInOtherCurrency(view: ScopeView, dispute: string): bigint {
  const withdrawals = reportingEvents(view, dispute, "taken");
  const first = withdrawals.find((by) => transactions([by], "taken").length > 0);
  if (first !== undefined) return moneyOf(first, transactions([first], "taken"));
  const everywhere = inOrder(view.shown.filter(({ object, id }) => object === "dispute" && id === dispute));
  return moneyOf(everywhere[0], transactions(everywhere, "taken"));
}

/** Each once. */
function transactions(showing: readonly Shown[], direction: Direction): Transaction[] {
  const all = showing
    .flatMap(({ body }) => (body["balance_transactions"] ?? []) as readonly Body[])
    .map((one) => ({
      id: String(one["id"]),
      amount: signedAmountOf(one, "amount") ?? 0n,
      currency: String(one["currency"]),
      one,
    }))
    .filter(({ amount }) => (direction === "taken" ? amount < 0n : amount > 0n))
    .filter(({ one }) =>
      ["dispute", "dispute_reversal", undefined].includes(one["reporting_category"] as string | undefined),
    );
  return all.filter(({ id }, index) => all.findIndex((other) => other.id === id) === index);
}

/** What counts: the transactions in the dispute's own currency, and others only where there is none. */
function moneyOf(by: Shown | undefined, moved: readonly Transaction[]): bigint {
  const own = moved.filter(({ currency }) => currency === by?.body["currency"]);
  return sumOf((own.length > 0 ? own : moved).map(({ amount }) => (amount < 0n ? -amount : amount)));
}

function intentOf(view: ScopeView, by: Shown): string | undefined {
  const everywhere = view.shown.filter(({ object, id }) => object === "dispute" && id === by.id);
  const own = inOrder(everywhere).find(({ intent }) => intent !== undefined)?.intent;
  const charge = everywhere.find((one) => one.charge !== undefined)?.charge;
  return own ?? (charge === undefined ? undefined : view.intentOfCharge(charge));
}
