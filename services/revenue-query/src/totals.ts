import { exponentOf, type LedgerSum, toMajor } from "@takings/domain";
import type { Money, Total } from "./responses.ts";

/** An amount as it is shown. */
export function moneyOf(minor: bigint, currency: string): Money {
  return { minor: minor.toString(), major: toMajor(minor, exponentOf(currency)) };
}

/** One total per currency that has entries, sorted by currency. Currencies are never added together. */
export function totalsOf(sums: readonly LedgerSum[], link: (currency: string) => string): Total[] {
  return sums
    .toSorted((a, b) => (a.currency < b.currency ? -1 : 1))
    .map((sum) => totalOf(sum, link(sum.currency)));
}

function totalOf(sum: LedgerSum, ledger: string): Total {
  const { currency, gross, refunded, disputed, payments, refunds, disputes } = sum;
  return {
    currency,
    exponent: exponentOf(currency),
    gross: moneyOf(gross, currency),
    refunded: moneyOf(refunded, currency),
    disputed: moneyOf(disputed, currency),
    net: moneyOf(gross - refunded - disputed, currency),
    counts: { payments, refunds, disputes },
    ledger,
  };
}
