import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts, ShownBalanceTransaction, ShownDispute } from "./event-facts.ts";
import { isOwn, type PaymentHistory, type Snapshot } from "./payment-history.ts";

type Direction = {
  readonly kind: "dispute" | "dispute_reversal";
  readonly type: string;
  /** Whether a balance transaction of this amount goes in this direction. */
  readonly moves: (amount: bigint) => boolean;
};

const withdrawal: Direction = {
  kind: "dispute",
  type: "charge.dispute.funds_withdrawn",
  moves: (amount) => amount < 0n,
};
const reinstatement: Direction = {
  kind: "dispute_reversal",
  type: "charge.dispute.funds_reinstated",
  moves: (amount) => amount > 0n,
};
const categories: ReadonlySet<string | undefined> = new Set([undefined, "dispute", "dispute_reversal"]);

/** Whether a balance transaction of this category (if it has one) is money of the dispute that lists it. */
export function isOfDispute(reportingCategory: string | undefined): boolean {
  return categories.has(reportingCategory);
}

/** The entries of all disputes: each withdrawal and each reinstatement. */
export function disputeEntries({ disputes, intent: paymentIntent }: PaymentHistory): readonly DerivedEntry[] {
  return [...disputes].flatMap(([objectId, snapshots]) => {
    const withdrawn = stepsOf(snapshots, withdrawal);
    const taken = totalWithdrawn(withdrawn, snapshots);
    return [
      ...entriesOf(withdrawn, withdrawal, taken),
      ...entriesOf(stepsOf(snapshots, reinstatement), reinstatement, taken),
    ].map((entry) => ({ ...entry, objectId, paymentIntent }));
  });
}

/** What moved so far in one direction, as of one event. */
type Step = {
  readonly event: EventFacts;
  readonly amount: bigint;
  readonly currency: string;
  /** The sum of the transactions in the dispute's currency, or of all where none is in it; absent where none is listed. */
  readonly listed: { readonly sum: bigint; readonly isForeign: boolean } | undefined;
};

function stepsOf(snapshots: readonly Snapshot<ShownDispute>[], direction: Direction): readonly Step[] {
  const moved = new Map<string, ShownBalanceTransaction>();
  return snapshots
    .filter((snapshot) => isOwn(snapshot, [direction.type]))
    .flatMap(({ event, seen }) => {
      const { amount, currency } = seen;
      for (const transaction of transactionsOf(seen, direction)) moved.set(keyOf(transaction), transaction);
      if (currency === undefined) return [];
      return [{ event, amount: amount ?? 0n, currency, listed: sumOf([...moved.values()], currency) }];
    });
}

type Moved = Omit<DerivedEntry, "objectId" | "paymentIntent">;

function entriesOf(steps: readonly Step[], direction: Direction, taken: bigint): readonly Moved[] {
  const entries: Moved[] = [];
  let highest = 0n;
  // What moved in another currency, and what that is in the dispute's currency.
  let [foreign, shares] = [0n, 0n];
  for (const { event, amount, currency, listed } of steps) {
    if (listed?.isForeign === true && listed.sum > foreign) {
      // Where no event shows what was taken, what moved counts as the whole amount.
      shares += taken === 0n ? amount : atMost(share(amount, listed.sum - foreign, taken), amount);
      foreign = listed.sum;
    }
    const moved = listed === undefined ? amount : listed.isForeign ? shares : listed.sum;
    if (moved <= highest) continue;
    const rise = moved - highest;
    highest = moved;
    entries.push({
      kind: direction.kind,
      keyEvent: entries.length === 0 ? undefined : event.eventId,
      amount: direction === withdrawal ? -rise : rise,
      currency,
      occurredAt: event.created,
      sourceEvent: event,
    });
  }
  return entries;
}

/**
 * What the first withdrawal that lists transactions took, in their currency: it counts as the dispute's amount. Where no
 * withdrawal is known, everything that any event shows as taken.
 */
function totalWithdrawn(withdrawn: readonly Step[], snapshots: readonly Snapshot<ShownDispute>[]): bigint {
  const first = withdrawn.find(({ listed }) => listed !== undefined);
  if (first?.listed !== undefined) return first.listed.sum;
  const taken = new Map(
    snapshots
      .flatMap(({ seen }) => transactionsOf(seen, withdrawal))
      .map((transaction) => [keyOf(transaction), transaction]),
  );
  return sumOf([...taken.values()], snapshots[0]?.seen.currency)?.sum ?? 0n;
}

function transactionsOf(seen: ShownDispute, { moves }: Direction): readonly ShownBalanceTransaction[] {
  return seen.balanceTransactions.filter(
    ({ amount, reportingCategory }) => moves(amount) && isOfDispute(reportingCategory),
  );
}

function sumOf(transactions: readonly ShownBalanceTransaction[], currency?: string): Step["listed"] {
  if (transactions.length === 0) return undefined;
  const own = transactions.filter((transaction) => transaction.currency === currency);
  const counted = own.length > 0 ? own : transactions;
  const sum = counted.reduce((total, { amount }) => total + amount, 0n);
  return { sum: sum < 0n ? -sum : sum, isForeign: own.length === 0 };
}

/** `amount × part ÷ whole`, rounded half up in the minor unit. */
function share(amount: bigint, part: bigint, whole: bigint): bigint {
  return (2n * amount * part + whole) / (2n * whole);
}

function atMost(value: bigint, limit: bigint): bigint {
  return value > limit ? limit : value;
}

/** A transaction without an id, as in old API versions, is identified by its contents. */
function keyOf({ id, amount, currency }: ShownBalanceTransaction): string {
  return id ?? `${currency} ${amount}`;
}
