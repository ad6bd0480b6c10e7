import { exponentOf } from "@takings/domain";
import { readAmount } from "./compare-cells.ts";
import { readPages } from "./csv-file.ts";
import { minorOf } from "./decimal.ts";
import type { Difference } from "./difference.ts";
import { type Columns, type ReportRow, reportRow } from "./report.ts";

/** The rows of a summary: of each currency, by category. */
export type SummaryRows = ReadonlyMap<string, ReadonlyMap<string, ReportRow>>;

/** Reads a summary. Its rows fit in memory. @throws FileFault */
export async function readSummary(
  path: string,
  columns: Columns,
  categoryColumn: string,
): Promise<{ readonly rows: SummaryRows; readonly duplicates: readonly Difference[] }> {
  const rows = new Map<string, Map<string, ReportRow>>();
  const duplicates: Difference[] = [];
  for await (const page of readPages(path)) {
    for (const cells of page) {
      const row = reportRow(cells, columns);
      const currency = (row.cell("currency") ?? "").toLowerCase();
      const category = row.cell(categoryColumn) ?? "";
      const ofCurrency = rows.get(currency) ?? new Map<string, ReportRow>();
      rows.set(currency, ofCurrency);
      const id = summaryId(currency, category);
      if (ofCurrency.has(category))
        duplicates.push({ line: row.line, id, kind: "duplicate", fileSays: category, ledgerSays: null });
      else ofCurrency.set(category, row);
    }
  }
  return { rows, duplicates };
}

/** The id of a row of a summary in differences. */
export function summaryId(currency: string, category: string): string {
  return `${currency}/${category}`;
}

/** An amount of a row in minor units; `undefined` if the file does not state it. @throws FileFault */
export function minorAmount(
  row: ReportRow | undefined,
  column: string,
  currency: string,
): bigint | undefined {
  const amount = row === undefined ? undefined : readAmount(row, column);
  return amount === undefined ? undefined : minorOf(amount, exponentOf(currency));
}
