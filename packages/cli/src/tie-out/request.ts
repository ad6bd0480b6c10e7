import type { TieOutExtent } from "@takings/postgres";
import { FileFault } from "./file-fault.ts";
import type { Clock } from "./file-time.ts";
import type { InspectedFile, InstantRange } from "./inspect-file.ts";
import { isSummary, type ReportName } from "./report.ts";

/** What is asked about each file. */
export type TieOutRequest = {
  /** Of the scope in sentences, such as `the platform (live mode)`. */
  readonly scopeName: string;
  /** The ends of the range as seconds since 1970; `undefined`: as the file says. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** The clock of the columns that are not in UTC. */
  readonly clock: Clock;
  readonly report: ReportName | undefined;
  /** The filters by which the report was exported. */
  readonly currency: string | undefined;
  readonly reportingCategory: string | undefined;
  /** Whether to compare a range for which the ledger is not complete. */
  readonly anyway: boolean;
};

/**
 * The range of a report.
 * @throws FileFault when neither the request nor the file states it.
 */
export function rangeOf(
  report: ReportName,
  { rows, created, effective }: InspectedFile,
  { from, to }: TieOutRequest,
): InstantRange {
  if (isSummary(report) && (from === undefined || to === undefined))
    throw new FileFault("is a summary, which does not state its range; give --from and --to");
  const ofRows = report === "payouts" ? effective : created;
  const range = { from: from ?? ofRows?.from, to: to ?? ofRows?.to };
  if (range.from !== undefined && range.to !== undefined) return { from: range.from, to: range.to };
  const reason = rows === 0 ? "has no rows" : "has no column with the times of its rows";
  throw new FileFault(`${reason}, so its range is unknown; give --from and --to`);
}

/**
 * Checks that the ledger is complete for a range.
 * @throws FileFault when it is not, unless that was asked for.
 */
export function requireComplete(
  { completeFrom, completeThrough }: TieOutExtent,
  range: InstantRange,
  { scopeName, anyway }: TieOutRequest,
): void {
  if (anyway) return;
  const advice = "or add --anyway to compare what is there";
  if (completeThrough === null)
    throw new FileFault(
      `cannot be compared yet: no round of \`takings balance sync\` has finished for ${scopeName}; let one finish, ${advice}`,
    );
  if (range.to * 1_000 > Date.parse(completeThrough))
    throw new FileFault(
      `reaches to ${textOf(range.to)}, and the balance ledger of ${scopeName} is complete through ` +
        `${completeThrough} only; run \`takings balance sync\`, ${advice}`,
    );
  if (completeFrom !== null && range.from * 1_000 < Date.parse(completeFrom))
    throw new FileFault(
      `begins at ${textOf(range.from)}, and the balance ledger of ${scopeName} begins at ${completeFrom}; run ` +
        `\`takings balance sync --from\` with an earlier time, ${advice}`,
    );
}

function textOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
}
