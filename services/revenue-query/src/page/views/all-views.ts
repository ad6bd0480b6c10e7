import type { View } from "../view.ts";
import { eventView } from "./event.ts";
import { eventsView } from "./events.ts";
import { gapsView } from "./gaps.ts";
import { ledgerView } from "./ledger.ts";
import { overviewView } from "./overview.ts";
import { paymentView } from "./payment.ts";
import { searchView } from "./search.ts";

/** All views. */
export const allViews: readonly View[] = [
  overviewView,
  eventsView,
  eventView,
  gapsView,
  ledgerView,
  paymentView,
  searchView,
];
