/**
 * What is known of a balance transaction. Times are Unix seconds, amounts are in the minor unit of `currency`.
 */
export type StatedTransaction = {
  readonly id: string;
  readonly currency: string;
  readonly category: string;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  readonly created: number;
  readonly availableOn: number;
  /** `created`, or the arrival date of the automatic payout whose own transaction it is. */
  readonly moment: number;
};

/** Sums over transactions. */
export type Sums = {
  readonly count: number;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
};

/** The balance of a currency at an instant. */
export type StatedBalance = {
  readonly available: bigint;
  readonly pending: bigint;
  readonly total: bigint;
  readonly inTransit: bigint;
};

/** What happened to the balance of a currency in a range. */
export type StatedSummary = {
  readonly startingBalance: bigint;
  /** By category, payouts and their reversals included. */
  readonly categories: ReadonlyMap<string, Sums>;
  readonly endingBalance: bigint;
};

/** Balances and summaries by plain addition. */
export type BalanceArithmetic = {
  /** By currency, those with a transaction whose moment is before the instant, or with a payout in transit. */
  balances(at: number): ReadonlyMap<string, StatedBalance>;
  /** By currency, those with a transaction whose moment is before the end. `undefined`: without a bound. */
  summary(from: number | undefined, to: number | undefined): ReadonlyMap<string, StatedSummary>;
};

/**
 * Adds up transactions that count, in one pass and for any number of instants: each is added to the part of time between
 * two instants that it belongs to. Written from the contract, it shares nothing with the product.
 * @param instants all whole seconds that will be asked about.
 */
export function balanceArithmetic(
  transactions: Iterable<StatedTransaction>,
  instants: Iterable<number>,
): BalanceArithmetic {
  const bounds = [...new Set(instants)].toSorted((a, b) => a - b);
  // Part n is of what is first seen at bounds[n]; the last part is of what comes after all of them.
  const parts = Array.from({ length: bounds.length + 1 }, () => new Map<string, CurrencyPart>());
  const partOf = (time: number, currency: string): CurrencyPart =>
    entryOf(parts[firstAtOrAfter(bounds, time)] ?? new Map(), currency, emptyPart);
  for (const transaction of transactions) {
    const { currency, category, net, created, availableOn, moment } = transaction;
    // Seconds are whole: what is before an instant has happened one second later at the latest.
    const counted = partOf(moment + 1, currency);
    const sums = entryOf(counted.categories, category, () => ({ count: 0, gross: 0n, fee: 0n, net: 0n }));
    sums.count += 1;
    sums.gross += transaction.gross;
    sums.fee += transaction.fee;
    sums.net += net;
    partOf(Math.max(moment + 1, availableOn), currency).available += net;
    if (moment > created) {
      const leaving = partOf(created + 1, currency);
      leaving.inTransit -= net;
      leaving.departures += 1;
      counted.inTransit += net;
      counted.departures -= 1;
    }
  }
  const upTo = cumulated(parts);
  const place = (instant: number | undefined, otherwise: number): number => {
    if (instant === undefined) return otherwise;
    const index = bounds.indexOf(instant);
    if (index < 0) throw new Error(`${instant} is not among the instants that were announced`);
    return index;
  };
  return {
    balances: (at) => balancesOf(upTo[place(at, 0)] ?? new Map()),
    summary(from, to) {
      const start = from === undefined ? new Map<string, CurrencyPart>() : upTo[place(from, 0)];
      return summaryOf(start ?? new Map(), upTo[place(to, parts.length - 1)] ?? new Map());
    },
  };
}

type CurrencyPart = {
  readonly categories: Map<string, { count: number; gross: bigint; fee: bigint; net: bigint }>;
  available: bigint;
  inTransit: bigint;
  /** Payouts that left less those that arrived. */
  departures: number;
};

type Part = ReadonlyMap<string, CurrencyPart>;

function emptyPart(): CurrencyPart {
  return { categories: new Map(), available: 0n, inTransit: 0n, departures: 0 };
}

/** What has happened up to each bound: the sum of the parts until then. */
function cumulated(parts: readonly Part[]): Part[] {
  let sum: Part = new Map();
  return parts.map((part) => {
    sum = added(sum, part);
    return sum;
  });
}

function added(a: Part, b: Part): Part {
  const sum = new Map(a);
  for (const [currency, part] of b) {
    const before = a.get(currency) ?? emptyPart();
    const categories = new Map(before.categories);
    for (const [category, sums] of part.categories)
      categories.set(category, combined(categories.get(category), sums, 1));
    sum.set(currency, {
      categories,
      available: before.available + part.available,
      inTransit: before.inTransit + part.inTransit,
      departures: before.departures + part.departures,
    });
  }
  return sum;
}

function combined(
  a: Sums | undefined,
  b: Sums,
  sign: 1 | -1,
): { count: number; gross: bigint; fee: bigint; net: bigint } {
  const { count, gross, fee, net } = a ?? { count: 0, gross: 0n, fee: 0n, net: 0n };
  const times = BigInt(sign);
  return {
    count: count + sign * b.count,
    gross: gross + times * b.gross,
    fee: fee + times * b.fee,
    net: net + times * b.net,
  };
}

function balancesOf(sum: Part): Map<string, StatedBalance> {
  const balances = new Map<string, StatedBalance>();
  for (const [currency, { categories, available, inTransit, departures }] of sum) {
    if (categories.size === 0 && departures === 0) continue;
    const total = netOf(categories);
    balances.set(currency, { available, pending: total - available, total, inTransit });
  }
  return balances;
}

function summaryOf(start: Part, end: Part): Map<string, StatedSummary> {
  const summaries = new Map<string, StatedSummary>();
  for (const [currency, { categories: until }] of end) {
    const before = start.get(currency)?.categories ?? new Map<string, Sums>();
    const categories = new Map<string, Sums>();
    for (const [category, sums] of until) {
      const known = before.get(category);
      const within = known === undefined ? sums : combined(sums, known, -1);
      if (within.count > 0) categories.set(category, within);
    }
    summaries.set(currency, { startingBalance: netOf(before), categories, endingBalance: netOf(until) });
  }
  return summaries;
}

function netOf(categories: ReadonlyMap<string, Sums>): bigint {
  return [...categories.values()].reduce((total, { net }) => total + net, 0n);
}

/** The index of the first bound at or after a time; the number of bounds if there is none. */
function firstAtOrAfter(bounds: readonly number[], time: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function entryOf<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
