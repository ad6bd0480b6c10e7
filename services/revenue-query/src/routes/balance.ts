import type { CurrencyBalance, Moment } from "@takings/domain";
import { exponentOf } from "@takings/domain";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type BalanceParameters, balanceScope } from "../parameters/balance-scope.ts";
import { bound, filterParameters } from "../parameters/filter.ts";
import type { Bound } from "../parameters/range.ts";
import { readQuery } from "../parameters/read-query.ts";
import { asRecordedAt } from "../parameters/recorded-time.ts";
import type { Shape } from "../parameters/shape.ts";
import { type BalanceHeading, balanceHeading } from "../responses/balance-heading.ts";
import { type LinkTransactions, transactionLinks, transactionsLinkMeta } from "../responses/balance-link.ts";
import { standingOf, syncedScopesOf } from "../responses/balance-standing.ts";
import { instant } from "../responses/fields.ts";
import { type Money, money, moneyOf } from "../responses/money.ts";
import { momentOf } from "../time/instant-text.ts";
import { resolveReadTime } from "../time/read-time.ts";
import type { Route, RouteDependencies } from "./route.ts";

type Parameters = BalanceParameters & { readonly at: Bound | undefined };

type BalanceRow = {
  readonly currency: string;
  readonly exponent: number;
  readonly available: Money;
  readonly pending: Money;
  readonly total: Money;
  readonly in_transit: Money;
  readonly transactions: string;
};

/** The response of this endpoint. */
export type BalanceResponse = BalanceHeading & {
  readonly at: string;
  readonly balances: readonly BalanceRow[];
};

const balance: z.ZodType<BalanceRow> = z
  .object({
    currency: z.string().meta({ description: "The settlement currency.", example: "usd" }),
    exponent: z.int().min(0).max(3).meta({ description: "Number of decimal digits in `major`." }),
    available: money.meta({ description: "Of `total`, what had become available at or before `at`." }),
    pending: money.meta({ description: "The rest of `total`." }),
    total: money.meta({ description: "Sum of `net` of the transactions whose moment is before `at`." }),
    in_transit: money.meta({
      description:
        "What automatic payouts that were created before `at` took and that had not arrived; positive while it travels " +
        "to the bank. `total` less this is the balance that Stripe shows.",
    }),
    transactions: z.string().meta(transactionsLinkMeta),
  })
  .meta({ id: "CurrencyBalance", description: "The balance of one settlement currency." });

const responseSchema: z.ZodType<BalanceResponse> = z
  .object({ at: instant, ...balanceHeading, balances: z.array(balance) })
  .meta({ id: "Balance" });

const atParameter = bound(
  "The instant to take the balance at: an RFC 3339 instant or a date, which means the first instant of that day in " +
    "`timezone`. Omitted: now, or `as_recorded_at` where that is given.",
);

/** `GET /v1/balance`: the balance at an instant. */
export function balanceRoute({
  reader,
  balance: ledger,
  installation,
}: RouteDependencies): Route<BalanceResponse> {
  const { timezone, currency, source, account, livemode } = filterParameters(installation.defaultLivemode);
  const scope = { timezone, currency, source, account, livemode };
  const parameters: Shape<Parameters> = { at: atParameter, ...scope, ...asRecordedAt };
  return {
    path: "/v1/balance",
    operationId: "getBalance",
    summary: "The balance per settlement currency",
    description:
      "What Stripe holds for the account at an instant, by all balance transactions that were read. A transaction " +
      "counts from its moment on: its `created`, or the arrival date of the automatic payout whose own transaction it is.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<BalanceResponse> {
      const query = readQuery(parameters, search);
      const scopes = await syncedScopesOf(query, installation, ledger);
      const asOf = await resolveReadTime(reader, query.as_recorded_at);
      const at = momentOf(query.instant ?? query.as_recorded_at ?? now());
      const filter = balanceScope(query, installation, asOf);
      const [balances, standing] = await Promise.all([
        ledger.balances(filter, at),
        standingOf(filter, ledger, scopes),
      ]);
      const link = transactionLinks(filter);
      return {
        at,
        timezone: query.timezone,
        account: filter.account,
        livemode: filter.livemode,
        source: query.source,
        as_of: asOf,
        ...standing,
        balances: balances.map((one) => rowOf(one, at, link)),
      };
    },
  };
}

function now(): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(Date.now());
}

function rowOf(one: CurrencyBalance, at: Moment, link: LinkTransactions): BalanceRow {
  const { currency } = one;
  return {
    currency,
    exponent: exponentOf(currency),
    available: moneyOf(one.available, currency),
    pending: moneyOf(one.pending, currency),
    total: moneyOf(one.total, currency),
    in_transit: moneyOf(one.inTransit, currency),
    transactions: link({ to: at, currency }),
  };
}
