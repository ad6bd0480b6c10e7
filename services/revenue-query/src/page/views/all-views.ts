import type { View } from "../view.ts";
import { changesView } from "./changes.ts";
import { eventView } from "./event.ts";
import { ledgerView } from "./ledger.ts";
import { overviewView } from "./overview.ts";

/** All views. */
export const allViews: readonly View[] = [overviewView, eventView, ledgerView, changesView];
