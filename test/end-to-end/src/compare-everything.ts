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
import type { Finding } from "./findings.ts";
import type { Verdict } from "./judge.ts";
import { connectedAccounts } from "./life-history.ts";
import type { RevenueReader } from "./revenue-reader.ts";

/** Compares all that can be read with the verdict; of payloads and payment histories no more than `sample`. */
export async function compareEverything(
  reader: RevenueReader,
  verdict: Verdict,
  sample: number,
): Promise<Finding[]> {
  const events = [...verdict.events.values()];
  return [
    ...(await compareEvents(reader, verdict)),
    ...(await compareEventFilters(reader, verdict)),
    ...(await compareLedger(reader, verdict)),
    await compareSmallPages(reader, verdict),
    await compareTotals(reader, verdict, connectedAccounts),
    await compareSeries(reader, verdict),
    await comparePayments(reader, verdict, sample),
    await comparePayloads(reader, events.slice(0, sample)),
  ];
}
