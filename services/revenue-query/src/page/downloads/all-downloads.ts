import type { Routes } from "../../routes/all-routes.ts";
import type { SummaryResponse } from "../../routes/balance-summary.ts";
import type { PaymentResponse } from "../../routes/payment.ts";
import type { RevenueResponse } from "../../routes/revenue.ts";
import type { SeriesResponse } from "../../routes/revenue-series.ts";
import type { Route } from "../../routes/route.ts";
import type { Columns } from "../../streaming/row-formats.ts";
import { viewOf } from "../links.ts";
import { timelineOf } from "../records/timeline.ts";
import type { Download } from "./download-handler.ts";
import { pagedRows } from "./paged-rows.ts";
import { replyRows } from "./reply-rows.ts";

/** All that can be downloaded: what the API streams, and what it responds with as a table of its own. */
export function allDownloads(routes: Routes): Download[] {
  const { revenue, series, changes, payment, gaps, balance, summary } = routes;
  const lists = Object.values<Route>(routes).flatMap(({ path, rows }) =>
    rows === undefined ? [] : [{ path: viewOf(path), rows }],
  );
  return [
    ...lists,
    { path: viewOf(revenue.path), rows: replyRows(revenue, totalColumns, totalRows) },
    // An id may end like a file: its own path is that of the view.
    { path: `${viewOf(payment.path)}/life`, rows: replyRows(payment, lifeColumns, lifeRows) },
    { path: viewOf(changes.path), rows: pagedRows(changes, changeColumns, (reply) => reply.changes) },
    { path: viewOf(gaps.path), rows: pagedRows(gaps, gapColumns, (reply) => reply.gaps) },
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

const counts: Columns = {
  "counts.payments": "payments",
  "counts.refunds": "refunds",
  "counts.disputes": "disputes",
};

const totalColumns: Columns = {
  line: "line",
  currency: "currency",
  ...amounts("gross", "refunded", "disputed", "fee", "net"),
  ...counts,
  count: "count",
  ledger: "ledger",
  transactions: "transactions",
};

/** One row for each currency of the ledger, and for each that payments settled in. Those two are never added either. */
function totalRows({ totals, settlement }: RevenueResponse): object[] {
  return [
    ...totals.map((total) => ({ line: "revenue", ...total })),
    ...(settlement?.currencies ?? []).map((settled) => ({ line: "settlement", ...settled })),
  ];
}

const lifeColumns: Columns = {
  at: "at",
  row: "row",
  what: "what",
  object_id: "object_id",
  ...amounts("amount", "running_net"),
  currency: "currency",
  event_id: "event_id",
  status: "status",
  reason: "reason",
  source: "source",
  account: "account",
  livemode: "livemode",
};

/** One row for each event and entry of a payment, in the order of the view. */
function lifeRows({ events, entries }: PaymentResponse): object[] {
  return timelineOf(events, entries).map(({ moment: at, event, entry, netAfter }) => {
    const { event_id, object_id, source, account, livemode } = entry ?? event;
    const own =
      entry === undefined
        ? { row: "event", what: event.type, status: event.status, reason: event.reason }
        : {
            row: "entry",
            what: entry.kind,
            amount: entry.amount,
            running_net: netAfter,
            currency: entry.currency,
          };
    return { at, ...own, object_id, event_id, source, account, livemode };
  });
}

const changeColumns: Columns = {
  entry_id: "entry_id",
  change: "change",
  why: "why",
  recorded_at: "recorded_at",
  source: "source",
  currency: "currency",
  figure: "figure",
  ...amounts("effect"),
  ...entryColumns("before"),
  ...entryColumns("after"),
};

/** The columns of the entry before or after a change; empty where there was none. */
function entryColumns(side: "before" | "after"): Columns {
  const own = ["kind", "currency", "occurred_at", "object_id", "payment_intent", "event_id", "account"];
  const all = { ...amounts("amount"), ...Object.fromEntries(own.map((field) => [field, field])) };
  return Object.fromEntries(
    Object.entries(all).map(([field, name]) => [`${side}.${field}`, `${side}_${name}`]),
  );
}

const gapColumns: Columns = {
  kind: "kind",
  object_id: "object_id",
  payment_intent: "payment_intent",
  ...amounts("amount"),
  currency: "currency",
  seen_at: "seen_at",
  event_id: "event_id",
  source: "source",
  account: "account",
  livemode: "livemode",
};

const seriesColumns: Columns = {
  start: "start",
  end: "end",
  currency: "currency",
  ...amounts("gross", "refunded", "disputed", "net"),
  ...counts,
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
