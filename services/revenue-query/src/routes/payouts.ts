import { balancePosition, type Moment, type Page, type Payout, type PayoutFilter } from "@takings/domain";
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
import {
  type Completeness,
  completeness,
  completenessOf,
  syncedScopesOf,
} from "../responses/balance-standing.ts";
import { asOf as asOfField, nextCursor, source } from "../responses/fields.ts";
import { type PayoutRow, payoutRow, payoutRowOf } from "../responses/payout.ts";
import { paginate, type Pagination } from "../streaming/paginate.ts";
import type { Columns } from "../streaming/row-formats.ts";
import { momentOf } from "../time/instant-text.ts";
import { resolveReadTime } from "../time/read-time.ts";
import type { Route, RouteDependencies } from "./route.ts";

type ListParameters = BalanceParameters & RangeParameters & { readonly status: string | undefined };

/** The response of this endpoint. */
export type PayoutsResponse = Completeness & {
  readonly payouts: readonly PayoutRow[];
  readonly next_cursor: string | null;
  readonly source: string;
  readonly as_of: string;
};

const responseSchema: z.ZodType<PayoutsResponse> = z
  .object({ payouts: z.array(payoutRow), next_cursor: nextCursor, source, as_of: asOfField, ...completeness })
  .meta({ id: "Payouts" });

const statusParameter: z.ZodType<string | undefined> = anyName
  .optional()
  .meta({ description: "Only payouts with this status.", example: "paid" });

const columns: Columns = {
  id: "id",
  "amount.minor": "amount_minor",
  "amount.major": "amount_major",
  currency: "currency",
  status: "status",
  automatic: "automatic",
  arrival_date: "arrival_date",
  created: "created",
  trace_id: "trace_id",
  reconciliation_status: "reconciliation_status",
  "unexplained.minor": "unexplained_minor",
  "unexplained.major": "unexplained_major",
  event_id: "event_id",
  account: "account",
  livemode: "livemode",
  source: "source",
  transactions: "transactions",
};

const positionOf = (row: Payout): NonNullable<Page["after"]> => ({
  time: row.arrivalDate,
  id: balancePosition(row),
});

/** `GET /v1/payouts`: payouts and what of them is unexplained. */
export function payoutsRoute({ reader, balance, installation }: RouteDependencies): Route<PayoutsResponse> {
  const parameters: Shape<ListParameters & PageParameters> = {
    ...filterParameters(installation.defaultLivemode),
    status: statusParameter,
    ...asRecordedAt,
    ...pageParameters,
  };
  return {
    path: "/v1/payouts",
    operationId: "listPayouts",
    summary: "Payouts",
    description:
      "Payouts to the bank account, in ascending order of `arrival_date` and `id`. The range applies to `arrival_date`.",
    parameters,
    responseSchema,
    async reply({ search }): Promise<PayoutsResponse> {
      const query = readQuery(parameters, search);
      const scopes = await syncedScopesOf(query, installation, balance);
      const { asOf: _, ...filter } = filterOf(query, installation, "");
      const page = await readBalancePage({
        name: "payouts",
        query,
        filter,
        reader,
        read: balance.payouts,
        position: positionOf,
      });
      return {
        payouts: page.rows.map((row) => payoutRowOf(row, page.asOf)),
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
        const read = (page: Page): Promise<readonly Payout[]> => balance.payouts(filter, page);
        const format = (row: Payout): PayoutRow => payoutRowOf(row, moment);
        return paginate({ asOf: moment, read, position: positionOf, format });
      },
    },
  };
}

/** The filter of a query, for the read time of a page. */
function filterOf(
  query: ListParameters & { readonly range: Range },
  installation: Installation,
  asOf: Moment,
): PayoutFilter {
  return {
    ...balanceScope(query, installation, asOf),
    from: momentOf(query.range.from),
    to: momentOf(query.range.to),
    status: query.status,
  };
}
