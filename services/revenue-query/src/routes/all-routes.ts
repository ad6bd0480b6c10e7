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
import { searchRoute } from "./search.ts";
import type { RouteDependencies } from "./route.ts";

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

/** Creates all endpoints under `/v1`. */
export function createRoutes(deps: RouteDependencies): Routes {
  return {
    revenue: makers.revenue(deps),
    series: makers.series(deps),
    changes: makers.changes(deps),
    ledger: makers.ledger(deps),
    events: makers.events(deps),
    event: makers.event(deps),
    payment: makers.payment(deps),
    gaps: makers.gaps(deps),
    balance: makers.balance(deps),
    summary: makers.summary(deps),
    transactions: makers.transactions(deps),
    payouts: makers.payouts(deps),
    payout: makers.payout(deps),
    search: makers.search(deps),
  };
}
