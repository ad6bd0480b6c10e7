import { exponentOf, type LedgerSum } from "@takings/domain";
import { z } from "zod";
import { type Money, money, moneyOf } from "./money.ts";

/** The totals of one currency. `net` is `gross` less `refunded` less `disputed`. */
export type Total = {
  readonly currency: string;
  readonly exponent: number;
  readonly gross: Money;
  readonly refunded: Money;
  readonly disputed: Money;
  readonly net: Money;
  readonly counts: { readonly payments: number; readonly refunds: number; readonly disputes: number };
  readonly ledger: string;
};

const count = z.int().min(0);

/** Schema of {@link Total}. */
export const total: z.ZodType<Total> = z
  .object({
    currency: z.string().meta({ description: "Three lower-case letters.", example: "usd" }),
    exponent: z.int().min(0).max(3).meta({ description: "Number of decimal digits in `major`.", example: 2 }),
    gross: money.meta({ description: "Sum of all payments." }),
    refunded: money.meta({ description: "Refunds less failed and canceled refunds; positive." }),
    disputed: money.meta({
      description: "Amounts withdrawn by disputes less amounts reinstated; positive.",
    }),
    net: money.meta({ description: "`gross` less `refunded` less `disputed`." }),
    counts: z
      .object({ payments: count, refunds: count, disputes: count })
      .meta({ description: "Number of ledger entries; reversals are not counted." }),
    ledger: z.string().meta({
      format: "uri-reference",
      description: "Link to the ledger entries behind this total. They add up to it permanently.",
    }),
  })
  .meta({ id: "Total", description: "The totals of one currency." });

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
