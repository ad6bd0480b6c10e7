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
import type { Route, RouteDependencies } from "./route.ts";

/** All endpoints under `/v1`, in the order of the OpenAPI document. */
export function createRoutes(deps: RouteDependencies): readonly Route[] {
  const makers = [
    revenueRoute,
    seriesRoute,
    changesRoute,
    ledgerRoute,
    eventsRoute,
    eventRoute,
    paymentRoute,
    gapsRoute,
    balanceRoute,
    summaryRoute,
    balanceTransactionsRoute,
    payoutsRoute,
    payoutRoute,
  ];
  return makers.map((make) => make(deps));
}
