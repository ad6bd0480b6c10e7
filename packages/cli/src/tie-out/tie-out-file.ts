import type { TieOutReader } from "@takings/postgres";
import { readHeader } from "./csv-file.ts";
import { requireWholeRow } from "./cut-off.ts";
import { collectDifferences, type Difference } from "./difference.ts";
import { FileFault } from "./file-fault.ts";
import { type InspectedFile, inspectFile, type InstantRange } from "./inspect-file.ts";
import { findMissingRows, selection } from "./missing-rows.ts";
import { columnsOf, isSummary, recognizeReport, type ReportName } from "./report.ts";
import { rangeOf, requireComplete, type TieOutRequest } from "./request.ts";
import { readSummary } from "./summary-rows.ts";
import { compareBalance } from "./tie-out-balance.ts";
import { compareCategories } from "./tie-out-categories.ts";
import { compareCustomers, compareRows, type ItemizedFile } from "./tie-out-itemized.ts";

/** The result for one file. */
export type TieOutResult = {
  readonly report: ReportName;
  readonly rows: number;
  /** All are counted; the first ones are listed. */
  readonly count: number;
  readonly listed: readonly Difference[];
  /** What was not compared, in sentences. */
  readonly notes: readonly string[];
};

/** Reports the progress of a stage of a long file. */
export type OnProgress = (stage: "read" | "compared", rows: number) => void;

type Part = Pick<TieOutResult, "count" | "listed" | "notes">;

/**
 * Compares one file with the ledger.
 * @throws FileFault when that cannot be done.
 */
export async function tieOutFile(
  path: string,
  request: TieOutRequest,
  reader: TieOutReader,
  onProgress: OnProgress,
): Promise<TieOutResult> {
  const columns = columnsOf(await readHeader(path));
  const inspected = await inspectFile(path, columns, request.clock, (rows) => onProgress("read", rows));
  const report = recognizeReport(columns, inspected.traits, request.report);
  const file: Omit<ItemizedFile, "differences"> = {
    path,
    columns,
    report,
    reader,
    request,
    openLine: inspected.openLine,
    onRows: (rows) => onProgress("compared", rows),
  };
  const part = await comparePart(file, inspected);
  return { report, rows: inspected.rows, ...part };
}

async function comparePart(file: Omit<ItemizedFile, "differences">, inspected: InspectedFile): Promise<Part> {
  const { report, columns, reader, request } = file;
  const extent = await reader.extent();
  if (!extent.synced) {
    if (!isSummary(report) && columns.has("customer_facing_amount") && inspected.rows > 0)
      return tieOutCustomers(file);
    throw new FileFault(
      `cannot be compared: no balance transactions of ${request.scopeName} have been read; run ` +
        "`takings balance sync`, or check --source, --account and --livemode",
    );
  }
  if (report === "payout-reconciliation") {
    const { from, to } = request;
    const given = from !== undefined && to !== undefined ? { from, to } : undefined;
    const range = given ?? inspected.effective ?? inspected.created;
    if (range !== undefined) requireComplete(extent, range, request);
    else if (extent.completeThrough === null) requireComplete(extent, { from: 0, to: 0 }, request);
    return tieOutItemized(file, inspected, given);
  }
  const range = rangeOf(report, inspected, request);
  requireComplete(extent, range, request);
  return isSummary(report) ? tieOutSummary(file, range) : tieOutItemized(file, inspected, range);
}

async function tieOutItemized(
  file: Omit<ItemizedFile, "differences">,
  inspected: InspectedFile,
  range: InstantRange | undefined,
): Promise<Part> {
  const differences = collectDifferences();
  const compared = await compareRows({ ...file, differences });
  if (compared.known === 0 && inspected.rows > 0) throw noneKnown(inspected.rows, file.request);
  await findMissingRows(file.report, compared, range, { ...file, differences });
  const { payments, withoutEvent } = compared;
  const notes =
    withoutEvent === 0
      ? []
      : [
          `${payments} customer-facing amounts compared; ${withoutEvent} not, because no event of their payment ` +
            "is stored",
        ];
  return { count: differences.count, listed: differences.listed, notes };
}

async function tieOutCustomers(file: Omit<ItemizedFile, "differences">): Promise<Part> {
  const differences = collectDifferences();
  const { payments } = await compareCustomers({ ...file, differences });
  if (payments === 0)
    throw new FileFault(
      `names no payment of ${file.request.scopeName} that is stored, and there is no balance ledger to compare ` +
        "it with; check --source, --account and --livemode, or run `takings balance sync`",
    );
  const notes = [
    "only customer-facing amounts were compared, because the balance ledger is empty; run `takings balance sync`",
  ];
  return { count: differences.count, listed: differences.listed, notes };
}

async function tieOutSummary(
  { path, columns, report, reader, request, openLine }: Omit<ItemizedFile, "differences">,
  range: InstantRange,
): Promise<Part> {
  const category = report === "balance-summary" ? "category" : "reporting_category";
  const { rows, duplicates } = await readSummary(path, columns, category);
  const sums = await reader.sums({ ...selection(report, range, request), payouts: undefined });
  const compared =
    report === "balance-summary"
      ? compareBalance(rows, sums)
      : { notCompared: [], ...compareCategories(rows, sums, report as "activity-summary") };
  const ofFile = compared.differences.filter(({ line }) => line !== null);
  if (compared.known === 0 && ofFile.length > 0) throw noneKnown(ofFile.length, request);
  if (openLine !== undefined)
    requireWholeRow(
      ofFile.filter(({ line }) => line === openLine),
      columns,
    );
  const differences = collectDifferences();
  differences.add([...duplicates, ...compared.differences]);
  const notes = compared.notCompared.map((name) => `${name} was not compared: it is not part of the ledger`);
  return { count: differences.count, listed: differences.listed, notes };
}

function noneKnown(rows: number, { scopeName }: TieOutRequest): FileFault {
  return new FileFault(
    `belongs to another account or mode: none of its ${rows} rows is known in the ledger of ${scopeName}; check ` +
      "--source, --account and --livemode, or run `takings balance sync`",
  );
}
