import {
  balancePosition,
  type BalanceTransaction,
  type BalanceTransactionFilter,
  type Moment,
  type Page,
} from "@takings/domain";
import { z } from "zod";
import { readBalancePage } from "../pagination/read-balance-page.ts";
import { type BalanceParameters, balanceScope } from "../parameters/balance-scope.ts";
import { anyName } from "../parameters/any-name.ts";
import { filterParameters, type RangeParameters } from "../parameters/filter.ts";
import { noPageParameters, type PageParameters, pageParameters } from "../parameters/page.ts";
import type { Installation } from "../parameters/ledger-filter.ts";
import type { Range } from "../parameters/range.ts";
import { readQuery } from "../parameters/read-query.ts";
import { asRecordedAt } from "../parameters/recorded-time.ts";
import type { Shape } from "../parameters/shape.ts";
import { type TransactionRow, transactionRow, transactionRowOf } from "../responses/balance-transaction.ts";
import {
  type Completeness,
  completeness,
  completenessOf,
  syncedScopesOf,
} from "../responses/balance-standing.ts";
import { asOf as asOfField, nextCursor, source } from "../responses/fields.ts";
import { paginate, type Pagination } from "../streaming/paginate.ts";
import type { Columns } from "../streaming/row-formats.ts";
import { momentOf } from "../time/instant-text.ts";
import { resolveReadTime } from "../time/read-time.ts";
import type { Route, RouteDependencies } from "./route.ts";

type ListParameters = BalanceParameters &
  RangeParameters & {
    readonly reporting_category: readonly string[] | undefined;
    readonly payout: string | undefined;
    readonly balance_type: string | undefined;
    readonly id: string | undefined;
  };

/** The response of this endpoint. */
export type TransactionsResponse = Completeness & {
  readonly transactions: readonly TransactionRow[];
  readonly next_cursor: string | null;
  readonly source: string;
  readonly as_of: string;
};

const responseSchema: z.ZodType<TransactionsResponse> = z
  .object({
    transactions: z.array(transactionRow),
    next_cursor: nextCursor,
    source,
    as_of: asOfField,
    ...completeness,
  })
  .meta({ id: "BalanceTransactions" });

/** Each costs a scan of an index. */
const maxCategories = 20;

const categoriesParameter: z.ZodType<readonly string[] | undefined> = anyName
  .transform((text) => text.split(","))
  .refine((names) => names.length <= maxCategories, `must be at most ${maxCategories} categories`)
  .optional()
  .meta({
    description: "Only this reporting category, or these, separated by commas.",
    example: "charge",
    override: { type: "string" },
  });

const payoutParameter: z.ZodType<string | undefined> = anyName
  .optional()
  .meta({ description: "Only the transactions in the list of this automatic payout, its own included." });

const balanceTypeParameter: z.ZodType<string | undefined> = anyName
  .optional()
  .meta({ description: "Only this balance type. Omitted: `payments`, which is all that counts." });

const idParameter: z.ZodType<string | undefined> = anyName.optional().meta({
  description: "Only the transaction with this id, whatever its balance type.",
  example: "txn_1MiN3gLkdIwHu7ix",
});

const columns: Columns = {
  id: "id",
  type: "type",
  reporting_category: "reporting_category",
  currency: "currency",
  "gross.minor": "gross_minor",
  "gross.major": "gross_major",
  "fee.minor": "fee_minor",
  "fee.major": "fee_major",
  "net.minor": "net_minor",
  "net.major": "net_major",
  created: "created",
  available_on: "available_on",
  status: "status",
  balance_type: "balance_type",
  description: "description",
  source_id: "source_id",
  payout: "payout",
  effective_at: "effective_at",
  event_id: "event_id",
  account: "account",
  livemode: "livemode",
  source: "source",
};

const positionOf = (row: BalanceTransaction): NonNullable<Page["after"]> => ({
  time: row.effectiveAt,
  id: balancePosition(row),
});

/** `GET /v1/balance/transactions`: the balance transactions behind a figure. */
export function balanceTransactionsRoute({
  reader,
  balance,
  installation,
}: RouteDependencies): Route<TransactionsResponse> {
  const parameters: Shape<ListParameters & PageParameters> = {
    ...filterParameters(installation.defaultLivemode),
    reporting_category: categoriesParameter,
    payout: payoutParameter,
    balance_type: balanceTypeParameter,
    id: idParameter,
    ...asRecordedAt,
    ...pageParameters,
  };
  return {
    path: "/v1/balance/transactions",
    operationId: "listBalanceTransactions",
    summary: "The balance transactions behind a figure",
    description:
      "Balance transactions as last read, in ascending order of `effective_at` and `id`. The range applies to " +
      "`effective_at`.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<TransactionsResponse> {
      const query = readQuery(parameters, search);
      const scopes = await syncedScopesOf(query, installation, balance);
      const { asOf: _, ...filter } = filterOf(query, installation, "");
      const page = await readBalancePage({
        name: "balance transactions",
        query,
        filter,
        reader,
        read: balance.transactions,
        position: positionOf,
      });
      return {
        transactions: page.rows.map(transactionRowOf),
        next_cursor: page.nextCursor,
        source: query.source,
        as_of: page.asOf,
        ...completenessOf(scopes, page),
      };
    },
    rows: {
      columns,
      async paginate({ search }): Promise<Pagination> {
        const query = readQuery({ ...parameters, ...noPageParameters }, search);
        const moment = await resolveReadTime(reader, query.as_recorded_at);
        const filter = filterOf(query, installation, moment);
        const read = (page: Page): Promise<readonly BalanceTransaction[]> =>
          balance.transactions(filter, page);
        return paginate({ asOf: moment, read, position: positionOf, format: transactionRowOf });
      },
    },
  };
}

/** The filter of a query, for the read time of a page. */
function filterOf(
  query: ListParameters & { readonly range: Range },
  installation: Installation,
  asOf: Moment,
): BalanceTransactionFilter {
  return {
    ...balanceScope(query, installation, asOf),
    from: momentOf(query.range.from),
    to: momentOf(query.range.to),
    reportingCategories: query.reporting_category,
    payout: query.payout,
    balanceType: query.balance_type,
    // A cursor of a list without it is the same as before there was one.
    ...(query.id !== undefined && { id: query.id }),
  };
}
