import { type EntryKind, exponentOf, type LedgerSum, toMajor } from "@takings/domain";
import type { Money, Total } from "./answers.ts";

/** An amount as it is shown. */
export function moneyOf(minor: bigint, currency: string): Money {
  return { minor: minor.toString(), major: toMajor(minor, exponentOf(currency)) };
}

/** One total per currency that has entries, sorted by currency. Currencies are never added together. */
export function totalsOf(sums: readonly LedgerSum[], link: (currency: string) => string): Total[] {
  return [...Map.groupBy(sums, (sum) => sum.currency)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, ofCurrency]) => totalOf(currency, ofCurrency, link(currency)));
}

function totalOf(currency: string, sums: readonly LedgerSum[], ledger: string): Total {
  const amount = (...kinds: EntryKind[]): bigint =>
    sums.filter((sum) => kinds.includes(sum.kind)).reduce((all, sum) => all + sum.amount, 0n);
  const count = (kind: EntryKind): number =>
    sums.filter((sum) => sum.kind === kind).reduce((all, sum) => all + sum.count, 0);
  const gross = amount("payment");
  // Entries are signed, and what was taken is shown as positive.
  const refunded = -amount("refund", "refund_reversal");
  const disputed = -amount("dispute", "dispute_reversal");
  return {
    currency,
    exponent: exponentOf(currency),
    gross: moneyOf(gross, currency),
    refunded: moneyOf(refunded, currency),
    disputed: moneyOf(disputed, currency),
    net: moneyOf(gross - refunded - disputed, currency),
    counts: { payments: count("payment"), refunds: count("refund"), disputes: count("dispute") },
    ledger,
  };
}
