import { type BalanceActivity, exponentOf } from "@takings/domain";
import { z } from "zod";
import { type BalanceParameters, balanceScope } from "../parameters/balance-scope.ts";
import { filterParameters, type RangeParameters } from "../parameters/filter.ts";
import { readQuery } from "../parameters/read-query.ts";
import { asRecordedAt } from "../parameters/recorded-time.ts";
import type { Shape } from "../parameters/shape.ts";
import { type BalanceHeading, balanceHeading } from "../responses/balance-heading.ts";
import { type LinkTransactions, transactionLinks, transactionsLinkMeta } from "../responses/balance-link.ts";
import { standingOf, syncedScopesOf } from "../responses/balance-standing.ts";
import {
  type BalanceSum,
  balanceSum,
  balanceSumOf,
  type CategoryRow,
  categoryRow,
  categoryRowOf,
} from "../responses/category-total.ts";
import { heading } from "../responses/heading.ts";
import { type Money, money, moneyOf } from "../responses/money.ts";
import { momentOf } from "../time/instant-text.ts";
import { resolveReadTime } from "../time/read-time.ts";
import type { Route, RouteDependencies } from "./route.ts";

type CurrencyActivity = {
  readonly currency: string;
  readonly exponent: number;
  readonly starting_balance: Money;
  readonly activity: readonly CategoryRow[];
  readonly payouts: BalanceSum & { readonly transactions: string };
  readonly ending_balance: Money;
  readonly transactions: string;
};

/** The response of this endpoint. */
export type SummaryResponse = BalanceHeading & {
  readonly from: string | null;
  readonly to: string | null;
  readonly currencies: readonly CurrencyActivity[];
};

/** Stripe's balance report sets these apart: https://docs.stripe.com/reports/balance */
const payoutCategories: readonly string[] = ["payout", "payout_reversal"];

const currencyActivity: z.ZodType<CurrencyActivity> = z
  .object({
    currency: z.string().meta({ description: "The settlement currency.", example: "usd" }),
    exponent: z.int().min(0).max(3).meta({ description: "Number of decimal digits in `major`." }),
    starting_balance: money.meta({ description: "The total balance at the start of the range." }),
    activity: z
      .array(categoryRow)
      .meta({ description: "All categories with transactions in the range, without those of `payouts`." }),
    payouts: z
      .object({ ...balanceSum, transactions: z.string().meta(transactionsLinkMeta) })
      .meta({ id: "PayoutsTotal", description: "The categories `payout` and `payout_reversal`." }),
    ending_balance: money.meta({
      description: "The starting balance, plus the net of all activity and of the payouts.",
    }),
    transactions: z.string().meta(transactionsLinkMeta),
  })
  .meta({ id: "CurrencyActivity", description: "The activity of one settlement currency." });

const responseSchema: z.ZodType<SummaryResponse> = z
  .object({
    from: heading.from,
    to: z
      .string()
      .nullable()
      .meta({ format: "date-time", description: "Exclusive; null is everything, moments ahead included." }),
    ...balanceHeading,
    currencies: z
      .array(currencyActivity)
      .meta({ description: "Those with a starting balance, activity or payouts, sorted by currency." }),
  })
  .meta({ id: "BalanceSummary" });

/** `GET /v1/balance/summary`: the activity of a range by reporting category. */
export function summaryRoute({ reader, balance, installation }: RouteDependencies): Route<SummaryResponse> {
  const parameters: Shape<BalanceParameters & RangeParameters> = {
    ...filterParameters(installation.defaultLivemode),
    ...asRecordedAt,
  };
  return {
    path: "/v1/balance/summary",
    operationId: "getBalanceSummary",
    summary: "Balance changes by reporting category",
    description:
      "Starting balance, activity, payouts and ending balance of a range of moments, per settlement currency, as in " +
      "Stripe's balance report.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<SummaryResponse> {
      const query = readQuery(parameters, search);
      const scopes = await syncedScopesOf(query, installation, balance);
      const asOf = await resolveReadTime(reader, query.as_recorded_at);
      const scope = balanceScope(query, installation, asOf);
      const range = { from: momentOf(query.range.from), to: momentOf(query.range.to) };
      const [activity, standing] = await Promise.all([
        balance.activity(scope, range),
        standingOf(scope, balance, scopes),
      ]);
      const links = transactionLinks(scope);
      return {
        from: range.from ?? null,
        to: range.to ?? null,
        timezone: query.timezone,
        account: scope.account,
        livemode: scope.livemode,
        source: query.source,
        as_of: asOf,
        ...standing,
        currencies: activity.map((one) => activityOf(one, (which) => links({ ...range, ...which }))),
      };
    },
  };
}

function activityOf(one: BalanceActivity, link: LinkTransactions): CurrencyActivity {
  const { currency } = one;
  const [payouts, others] = [true, false].map((isPayout) =>
    one.categories.filter((total) => payoutCategories.includes(total.reportingCategory) === isPayout),
  );
  return {
    currency,
    exponent: exponentOf(currency),
    starting_balance: moneyOf(one.startingBalance, currency),
    activity: (others ?? []).map((total) =>
      categoryRowOf(total, currency, (category) => link({ currency, categories: [category] })),
    ),
    payouts: {
      ...balanceSumOf(payouts ?? [], currency),
      transactions: link({ currency, categories: payoutCategories }),
    },
    ending_balance: moneyOf(one.endingBalance, currency),
    transactions: link({ currency }),
  };
}
