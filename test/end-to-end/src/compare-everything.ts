import { connectedAccounts, type RevenueClient } from "@takings/simulator";
import {
  compareEventFilters,
  compareEvents,
  compareLedger,
  comparePayloads,
  comparePayments,
  compareSmallPages,
} from "./compare-records.ts";
import { compareSeries } from "./compare-series.ts";
import { compareTotals } from "./compare-totals.ts";
import type { Comparison } from "./comparisons.ts";
import type { ExpectedState } from "./expected-state.ts";

/** Compares everything that can be read with the expected state; at most `sample` payloads and payment histories. */
export async function compareEverything(
  reader: RevenueClient,
  expectedState: ExpectedState,
  sample: number,
): Promise<Comparison[]> {
  const events = [...expectedState.events.values()];
  return [
    ...(await compareEvents(reader, expectedState)),
    ...(await compareEventFilters(reader, expectedState)),
    ...(await compareLedger(reader, expectedState)),
    await compareSmallPages(reader, expectedState),
    await compareTotals(reader, expectedState, connectedAccounts),
    await compareSeries(reader, expectedState),
    await comparePayments(reader, expectedState, sample),
    await comparePayloads(reader, events.slice(0, sample)),
  ];
}
