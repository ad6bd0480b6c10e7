import { summaryRoute } from "./balance-summary.ts";
import { balanceTransactionsRoute } from "./balance-transactions.ts";
import { balanceRoute } from "./balance.ts";
import { eventRoute } from "./event.ts";
import { eventsRoute } from "./events.ts";
import { gapsRoute } from "./gaps.ts";
import { ledgerRoute } from "./ledger.ts";
import { paymentRoute } from "./payment.ts";
import { payoutRoute } from "./payout.ts";
import { payoutsRoute } from "./payouts.ts";
import { changesRoute } from "./revenue-changes.ts";
import { seriesRoute } from "./revenue-series.ts";
import { revenueRoute } from "./revenue.ts";
import { limitToScope } from "../scope/limit-to-scope.ts";
import type { Route, RouteDependencies } from "./route.ts";
import { searchRoute } from "./search.ts";

const makers = {
  revenue: revenueRoute,
  series: seriesRoute,
  changes: changesRoute,
  ledger: ledgerRoute,
  events: eventsRoute,
  event: eventRoute,
  payment: paymentRoute,
  gaps: gapsRoute,
  balance: balanceRoute,
  summary: summaryRoute,
  transactions: balanceTransactionsRoute,
  payouts: payoutsRoute,
  payout: payoutRoute,
  search: searchRoute,
} as const;

/** All endpoints under `/v1` by name, in the order of the OpenAPI document. */
export type Routes = { readonly [Name in keyof typeof makers]: ReturnType<(typeof makers)[Name]> };

/** Creates all endpoints under `/v1`. Each answers within the scope of the caller's token. */
export function createRoutes(deps: RouteDependencies): Routes {
  const limited = <Reply>(make: (given: RouteDependencies) => Route<Reply>): Route<Reply> =>
    limitToScope(make(deps), deps.installation);
  return {
    revenue: limited(makers.revenue),
    series: limited(makers.series),
    changes: limited(makers.changes),
    ledger: limited(makers.ledger),
    events: limited(makers.events),
    event: limited(makers.event),
    payment: limited(makers.payment),
    gaps: limited(makers.gaps),
    balance: limited(makers.balance),
    summary: limited(makers.summary),
    transactions: limited(makers.transactions),
    payouts: limited(makers.payouts),
    payout: limited(makers.payout),
    search: limited(makers.search),
  };
}
