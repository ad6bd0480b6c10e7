import type { TieOutRange, TieOutReader, ListedTransaction } from "@takings/postgres";
import { cutOff } from "./cut-off.ts";
import type { Differences } from "./difference.ts";
import type { InstantRange } from "./inspect-file.ts";
import type { ReportName } from "./report.ts";
import type { TieOutRequest } from "./request.ts";
import { type ComparedRows, missingThere } from "./tie-out-itemized.ts";

const payoutsPerQuery = 100;

/**
 * Finds the transactions that the ledger has in the range of a report, and the report has not. Of a payout reconciliation
 * these are the members of the payouts that it names, and of those that arrive in the range if there is one.
 * @throws FileFault when the last row has a part of a missing id.
 */
export async function findMissingRows(
  report: ReportName,
  { ids, payouts, openId }: ComparedRows,
  range: InstantRange | undefined,
  {
    reader,
    request,
    differences,
  }: { readonly reader: TieOutReader; readonly request: TieOutRequest; readonly differences: Differences },
): Promise<void> {
  const pages =
    range === undefined || report === "payout-reconciliation"
      ? membersOf(reader, await payoutsToCompare(reader, payouts, range), request)
      : reader.walk(selection(report, range, request));
  for await (const page of pages) {
    const missing = page.filter(({ id }) => !ids.has(id));
    if (openId !== undefined && missing.some(({ id }) => id.startsWith(openId.id))) throw cutOff(openId.line);
    differences.add(missing.map(missingThere));
  }
}

async function payoutsToCompare(
  reader: TieOutReader,
  named: ReadonlySet<string>,
  range: InstantRange | undefined,
): Promise<readonly string[]> {
  const arriving = range === undefined ? [] : await reader.reconciledPayouts(range);
  return [...new Set([...named, ...arriving])];
}

/** The members of payouts, some payouts at a time. */
async function* membersOf(
  reader: TieOutReader,
  payouts: readonly string[],
  { currency, reportingCategory }: TieOutRequest,
): AsyncGenerator<readonly ListedTransaction[]> {
  for (let start = 0; start < payouts.length; start += payoutsPerQuery) {
    const members = await reader.members(payouts.slice(start, start + payoutsPerQuery));
    yield members.filter(
      (member) =>
        (currency === undefined || member.currency === currency) &&
        (reportingCategory === undefined || member.reportingCategory === reportingCategory),
    );
  }
}

/** What a report contains of a range: payouts, or everything else. */
export function selection(
  report: ReportName,
  { from, to }: InstantRange,
  { currency, reportingCategory }: TieOutRequest,
): TieOutRange {
  const payouts = report === "balance-summary" ? undefined : report.startsWith("payouts");
  return { from, to, currency, reportingCategory, payouts };
}
