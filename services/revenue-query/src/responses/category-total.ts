import type { CategoryTotal } from "@takings/domain";
import { z } from "zod";
import { transactionsLinkMeta } from "./balance-link.ts";
import { type Money, money, moneyOf } from "./money.ts";

/** What some balance transactions add up to. `net` is `gross` less `fee`. */
export type BalanceSum = {
  readonly count: number;
  readonly gross: Money;
  readonly fee: Money;
  readonly net: Money;
};

/** The transactions of one reporting category in a response. */
export type CategoryRow = BalanceSum & { readonly reporting_category: string; readonly transactions: string };

/** The fields of a {@link BalanceSum}, to be spread into the schema of a response. */
export const balanceSum: { readonly [Name in keyof BalanceSum]: z.ZodType<BalanceSum[Name]> } = {
  count: z.int().min(0).meta({ description: "Number of balance transactions." }),
  gross: money.meta({ description: "Sum of Stripe's `amount`, signed." }),
  fee: money.meta({ description: "Sum of the fees; positive where Stripe takes money." }),
  net: money.meta({ description: "`gross` less `fee`." }),
};

/** Schema of {@link CategoryRow}. */
export const categoryRow: z.ZodType<CategoryRow> = z
  .object({
    reporting_category: z.string().meta({ example: "charge" }),
    ...balanceSum,
    transactions: z.string().meta(transactionsLinkMeta),
  })
  .meta({ id: "CategoryTotal", description: "The balance transactions of one reporting category." });

/** What all of these categories of one currency add up to. */
export function balanceSumOf(totals: readonly CategoryTotal[], currency: string): BalanceSum {
  const sum = (of: (total: CategoryTotal) => bigint): Money =>
    moneyOf(
      totals.reduce((all, total) => all + of(total), 0n),
      currency,
    );
  return {
    count: totals.reduce((all, { count }) => all + count, 0),
    gross: sum(({ gross }) => gross),
    fee: sum(({ fee }) => fee),
    net: sum(({ net }) => net),
  };
}

/** Converts the total of a category to its response form. */
export function categoryRowOf(
  total: CategoryTotal,
  currency: string,
  link: (category: string) => string,
): CategoryRow {
  const { reportingCategory } = total;
  return {
    reporting_category: reportingCategory,
    ...balanceSumOf([total], currency),
    transactions: link(reportingCategory),
  };
}
