import { type BalanceReader, exponentOf, type LedgerFilter } from "@takings/domain";
import { z } from "zod";
import { transactionLinks, transactionsLinkMeta } from "./balance-link.ts";
import { type Completeness, completeness, completenessOf, type SyncedScopes } from "./balance-standing.ts";
import { type BalanceSum, balanceSum, balanceSumOf } from "./category-total.ts";

type SettledCurrency = BalanceSum & {
  readonly currency: string;
  readonly exponent: number;
  readonly transactions: string;
};

/** What the payments, refunds and disputes of a range settled as. */
export type Settlement = Completeness & { readonly currencies: readonly SettledCurrency[] };

/** Those of payments, refunds and disputes: https://docs.stripe.com/reports/reporting-categories */
const settledCategories: readonly string[] = [
  "charge",
  "charge_failure",
  "dispute",
  "dispute_reversal",
  "partial_capture_reversal",
  "refund",
  "refund_failure",
];

const settledCurrency: z.ZodType<SettledCurrency> = z
  .object({
    currency: z.string().meta({ description: "The settlement currency.", example: "usd" }),
    exponent: z.int().min(0).max(3).meta({ description: "Number of decimal digits in `major`." }),
    ...balanceSum,
    transactions: z.string().meta(transactionsLinkMeta),
  })
  .meta({ id: "SettledCurrency" });

/** Schema of {@link Settlement}. */
export const settlement: z.ZodType<Settlement | null> = z
  .object({ ...completeness, currencies: z.array(settledCurrency) })
  .nullable()
  .meta({
    description:
      "Fees and net per settlement currency: the balance transactions whose moment is in the range and whose reporting " +
      `category is one of ${settledCategories.join(", ")}. Other fees of Stripe are in the balance summary. Null until ` +
      "`takings balance sync` has begun for this account, and with a `currency`, which selects the currency of the payment.",
  });

/** The settlement of a query about revenue. `scopes`: `undefined` as of an earlier instant. */
export async function settlementOf(
  filter: LedgerFilter,
  reader: Pick<BalanceReader, "activity">,
  scopes: SyncedScopes | undefined,
): Promise<Settlement | null> {
  if (filter.currency !== undefined) return null;
  if (scopes?.length === 0) return null;
  const { from, to } = filter;
  const activity = await reader.activity(filter, { from, to });
  const link = transactionLinks(filter);
  const currencies = activity.flatMap(({ currency, categories }) => {
    const settled = categories.filter((total) => settledCategories.includes(total.reportingCategory));
    if (settled.length === 0) return [];
    const transactions = link({ from, to, currency, categories: settledCategories });
    return { currency, exponent: exponentOf(currency), ...balanceSumOf(settled, currency), transactions };
  });
  // Whether a round has begun by now must not change a response as of an earlier instant.
  if (scopes === undefined && currencies.length === 0) return null;
  return { ...completenessOf(scopes, filter), currencies };
}
