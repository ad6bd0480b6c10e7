import type { Routes } from "../../routes/all-routes.ts";
import type { SummaryResponse } from "../../routes/balance-summary.ts";
import type { SeriesResponse } from "../../routes/revenue-series.ts";
import type { Route } from "../../routes/route.ts";
import type { Columns } from "../../streaming/row-formats.ts";
import { viewOf } from "../links.ts";
import type { Download } from "./download-handler.ts";
import { replyRows } from "./reply-rows.ts";

/** All that can be downloaded: what the API streams, and what it responds with as a table of its own. */
export function allDownloads(routes: Routes): Download[] {
  const { series, balance, summary } = routes;
  const lists = Object.values<Route>(routes).flatMap(({ path, rows }) =>
    rows === undefined ? [] : [{ path: viewOf(path), rows }],
  );
  return [
    ...lists,
    { path: viewOf(series.path), rows: replyRows(series, seriesColumns, seriesRows) },
    { path: viewOf(balance.path), rows: replyRows(balance, balanceColumns, ({ balances }) => balances) },
    { path: viewOf(summary.path), rows: replyRows(summary, summaryColumns, summaryRows) },
  ];
}

/** The columns of amounts, in both units, as the lists of the API have them. */
function amounts(...fields: readonly string[]): Columns {
  const units = fields.flatMap((field) => ["minor", "major"].map((unit) => [field, unit] as const));
  return Object.fromEntries(units.map(([field, unit]) => [`${field}.${unit}`, `${field}_${unit}`]));
}

const seriesColumns: Columns = {
  start: "start",
  end: "end",
  currency: "currency",
  ...amounts("gross", "refunded", "disputed", "net"),
  "counts.payments": "payments",
  "counts.refunds": "refunds",
  "counts.disputes": "disputes",
  ledger: "ledger",
};

/** One row for each bucket and currency with entries. */
function seriesRows({ buckets }: SeriesResponse): object[] {
  return buckets.flatMap(({ start, end, totals }) => totals.map((total) => ({ start, end, ...total })));
}

const balanceColumns: Columns = {
  currency: "currency",
  ...amounts("available", "pending", "total", "in_transit"),
  transactions: "transactions",
};

const summaryColumns: Columns = {
  currency: "currency",
  line: "line",
  reporting_category: "reporting_category",
  count: "count",
  ...amounts("gross", "fee", "net"),
  transactions: "transactions",
};

/** The lines of the addition of each currency. A balance has a net amount only. */
function summaryRows({ currencies }: SummaryResponse): object[] {
  return currencies.flatMap(({ currency, starting_balance, activity, payouts, ending_balance }) => [
    { currency, line: "starting_balance", net: starting_balance },
    ...activity.map((sum) => ({ currency, line: "activity", ...sum })),
    { currency, line: "payouts", ...payouts },
    { currency, line: "ending_balance", net: ending_balance },
  ]);
}
