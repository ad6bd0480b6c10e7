import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts, ShownBalanceTransaction, ShownDispute } from "./event-facts.ts";
import { firstNamed, type History, intentOfCharge, type Sighting } from "./history.ts";

type Direction = {
  readonly kind: "dispute" | "dispute_reversal";
  readonly type: string;
  /** Whether a balance transaction of this amount goes this way. */
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

/** Whether a balance transaction of this category, where it says one, is the money of the dispute that lists it. */
export function isOfDispute(reportingCategory: string | undefined): boolean {
  return categories.has(reportingCategory);
}

/** The entries of all disputes: what was taken, and what was given back, step by step. */
export function disputeEntries(history: History): readonly DerivedEntry[] {
  return [...history.disputes].flatMap(([id, sightings]) => {
    const withdrawn = stepsOf(sightings, withdrawal, id);
    const reinstated = stepsOf(sightings, reinstatement, id);
    const taken = takenInAll(
      withdrawn,
      sightings.filter((one) => speaks(one, reinstatement, id)),
    );
    const charge = firstNamed(sightings, (seen) => seen.charge);
    const paymentIntent =
      firstNamed(sightings, (seen) => seen.paymentIntent) ??
      (charge === undefined ? undefined : intentOfCharge(history, charge));
    return [...entriesOf(withdrawn, withdrawal, taken), ...entriesOf(reinstated, reinstatement, taken)].map(
      (entry) => ({ ...entry, objectId: id, paymentIntent }),
    );
  });
}

/** What an event of one direction says that has moved so far. */
type Step = {
  readonly event: EventFacts;
  readonly amount: bigint;
  readonly currency: string;
  /** The sum of the transactions in the dispute's currency, or of all where none is; absent where there are none. */
  readonly listed: { readonly sum: bigint; readonly isForeign: boolean } | undefined;
};

function stepsOf(
  sightings: readonly Sighting<ShownDispute>[],
  direction: Direction,
  id: string,
): readonly Step[] {
  const moved = new Map<string, ShownBalanceTransaction>();
  return sightings
    .filter((sighting) => speaks(sighting, direction, id))
    .flatMap(({ event, seen }) => {
      const { amount, currency } = seen;
      for (const transaction of transactionsOf(seen, direction)) moved.set(keyOf(transaction), transaction);
      if (currency === undefined) return [];
      return [{ event, amount: amount ?? 0n, currency, listed: sumOf([...moved.values()], currency) }];
    });
}

function entriesOf(
  steps: readonly Step[],
  direction: Direction,
  taken: bigint,
): Omit<DerivedEntry, "objectId" | "paymentIntent">[] {
  const entries: Omit<DerivedEntry, "objectId" | "paymentIntent">[] = [];
  let [counted, foreign] = [0n, 0n];
  for (const { event, amount, currency, listed } of steps) {
    let rise: bigint;
    if (listed === undefined) rise = amount - counted;
    else if (!listed.isForeign) rise = listed.sum - counted;
    else {
      const more = listed.sum - foreign;
      // What the first withdrawal took stands for the amount, which may have been counted before it was listed.
      const isFirst = direction === withdrawal && foreign === 0n;
      // So it does where nobody says what was taken.
      if (isFirst || taken === 0n) rise = amount - counted;
      else rise = more > 0n ? atMost(share(amount, more, taken), amount) : 0n;
      if (more > 0n) foreign = listed.sum;
    }
    if (rise <= 0n) continue;
    counted += rise;
    entries.push({
      kind: direction.kind,
      keyEvent: entries.length === 0 ? undefined : event.eventId,
      amount: direction === withdrawal ? -rise : rise,
      currency,
      occurredAt: event.created,
      decidedBy: event,
    });
  }
  return entries;
}

/** What the first withdrawal took, in the currency that it was taken in; where none is known, all that was taken. */
function takenInAll(withdrawn: readonly Step[], reinstated: readonly Sighting<ShownDispute>[]): bigint {
  const first = withdrawn.find(({ listed }) => listed?.isForeign === true);
  if (first?.listed !== undefined) return first.listed.sum;
  const taken = new Map(
    reinstated
      .flatMap(({ seen }) => transactionsOf(seen, withdrawal))
      .map((transaction) => [keyOf(transaction), transaction]),
  );
  return [...taken.values()].reduce((sum, { amount }) => sum - amount, 0n);
}

function speaks({ event, seen }: Sighting<ShownDispute>, { type }: Direction, id: string): boolean {
  return event.type === type && event.objectId === id && seen.id === id;
}

function transactionsOf(seen: ShownDispute, { moves }: Direction): readonly ShownBalanceTransaction[] {
  return seen.balanceTransactions.filter(
    ({ amount, reportingCategory }) => moves(amount) && isOfDispute(reportingCategory),
  );
}

function sumOf(transactions: readonly ShownBalanceTransaction[], currency: string): Step["listed"] {
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

/** A transaction without an id, as old endpoints' may be, is told by what it says. */
function keyOf({ id, amount, currency }: ShownBalanceTransaction): string {
  return id ?? `${currency} ${amount}`;
}
