import type { View } from "../view.ts";
import { balanceSummaryView } from "./balance-summary.ts";
import { balanceTransactionsView } from "./balance-transactions.ts";
import { balanceView } from "./balance.ts";
import { changesView } from "./changes.ts";
import { eventView } from "./event.ts";
import { eventsView } from "./events.ts";
import { gapsView } from "./gaps.ts";
import { ledgerView } from "./ledger.ts";
import { overviewView } from "./overview.ts";
import { paymentView } from "./payment.ts";
import { payoutView } from "./payout.ts";
import { payoutsView } from "./payouts.ts";
import { searchView } from "./search.ts";

/** All views. */
export const allViews: readonly View[] = [
  overviewView,
  balanceView,
  balanceSummaryView,
  balanceTransactionsView,
  eventsView,
  eventView,
  gapsView,
  ledgerView,
  paymentView,
  payoutsView,
  payoutView,
  changesView,
  searchView,
];
