import type { EntryKind } from "@takings/domain";
import type { Entry } from "../../responses/entry.ts";

/** What entries of one currency add up to, in minor units; `net` is `gross` less `refunded` less `disputed`. */
export type EntrySums = {
  readonly currency: string;
  readonly entries: number;
  readonly gross: bigint;
  readonly refunded: bigint;
  readonly disputed: bigint;
  readonly net: bigint;
};

/** The figure that a kind of entry counts in. */
const figureOf: Readonly<Record<EntryKind, "gross" | "refunded" | "disputed">> = {
  payment: "gross",
  refund: "refunded",
  refund_reversal: "refunded",
  dispute: "disputed",
  dispute_reversal: "disputed",
};

/** The sums of entries, one per currency, sorted by currency. Currencies are never added together. */
export function sumsOf(entries: readonly Entry[]): EntrySums[] {
  const sums = new Map<string, EntrySums>();
  for (const { currency, kind, amount } of entries) {
    const minor = BigInt(amount.minor);
    const known = sums.get(currency) ?? emptyOf(currency);
    const figure = figureOf[kind];
    sums.set(currency, {
      ...known,
      entries: known.entries + 1,
      net: known.net + minor,
      // What was refunded or disputed is said as a positive amount.
      [figure]: figure === "gross" ? known.gross + minor : known[figure] - minor,
    });
  }
  return [...sums.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

function emptyOf(currency: string): EntrySums {
  return { currency, entries: 0, gross: 0n, refunded: 0n, disputed: 0n, net: 0n };
}

/** The account and mode that sums are of. */
type SumScope = Pick<Entry, "source" | "account" | "livemode">;

/** Sums of the entries of one account, mode and currency. */
export type ScopedSums = EntrySums & SumScope;

/** The sums of entries by account, mode and currency: what is in different ones is never added together. */
export function scopedSumsOf(entries: readonly Entry[]): ScopedSums[] {
  return [...Map.groupBy(entries, scopeKey).values()].flatMap((ofScope) => {
    const [first] = ofScope;
    if (first === undefined) return [];
    const { source, account, livemode } = first;
    return sumsOf(ofScope).map((sums) => ({ ...sums, source, account, livemode }));
  });
}

/** Tells accounts and modes apart. */
export function scopeKey({ source, account, livemode }: SumScope): string {
  return JSON.stringify([source, account, livemode]);
}
