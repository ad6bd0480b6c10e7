import type { Entry } from "./reference-implementation/entries.ts";

/** One currency's total, in minor units. */
export type Total = {
  readonly currency: string;
  readonly gross: bigint;
  readonly refunded: bigint;
  readonly disputed: bigint;
  readonly net: bigint;
  readonly counts: { readonly payments: number; readonly refunds: number; readonly disputes: number };
};

/** What to add up. `account` as one asks for it: `undefined` the platform, `*` all. Times in milliseconds, half-open. */
export type Selection = {
  readonly livemode: boolean;
  readonly account?: string | undefined;
  readonly currency?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** The entries that a selection asks for. */
export function select(entries: readonly Entry[], selection: Selection): Entry[] {
  const { livemode, account = null, currency, from = -Infinity, to = Infinity } = selection;
  return entries.filter(
    (entry) =>
      entry.livemode === livemode &&
      (account === "*" || entry.account === account) &&
      (currency === undefined || entry.currency === currency) &&
      entry.occurred_at * 1_000 >= from &&
      entry.occurred_at * 1_000 < to,
  );
}

/** One total per currency that has entries, by currency. */
export function totalsOf(entries: readonly Entry[]): Total[] {
  return [...Map.groupBy(entries, ({ currency }) => currency)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, own]) => totalOf(currency, own));
}

const zeroDecimals = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".toLowerCase().split(" ");
const threeDecimals = "BHD JOD KWD OMR TND".toLowerCase().split(" ");

/** Decimals of a currency on Stripe's wire. */
export function decimalsOf(currency: string): number {
  if (zeroDecimals.includes(currency)) return 0;
  return threeDecimals.includes(currency) ? 3 : 2;
}

/** Minor units as people write them, by long division. */
export function inMajorUnits(minor: bigint, currency: string): string {
  const decimals = decimalsOf(currency);
  if (decimals === 0) return String(minor);
  const unit = 10n ** BigInt(decimals);
  const size = minor < 0n ? -minor : minor;
  return `${minor < 0n ? "-" : ""}${size / unit}.${String(size % unit).padStart(decimals, "0")}`;
}

function totalOf(currency: string, entries: readonly Entry[]): Total {
  const of = (kind: Entry["kind"]): Entry[] => entries.filter((entry) => entry.kind === kind);
  const sum = (kind: Entry["kind"]): bigint => of(kind).reduce((total, { amount }) => total + amount, 0n);
  const gross = sum("payment");
  const refunded = -(sum("refund") + sum("refund_reversal"));
  const disputed = -(sum("dispute") + sum("dispute_reversal"));
  return {
    currency,
    gross,
    refunded,
    disputed,
    net: gross - refunded - disputed,
    counts: { payments: of("payment").length, refunds: of("refund").length, disputes: of("dispute").length },
  };
}
