import type { CsvRow } from "./csv-file.ts";
import { FileFault } from "./file-fault.ts";

/** The reports of Stripe that can be compared. */
export const reportNames = [
  "activity",
  "payouts",
  "payout-reconciliation",
  "balance-summary",
  "activity-summary",
  "payouts-summary",
] as const;
/** The name of a report: https://docs.stripe.com/reports/report-types */
export type ReportName = (typeof reportNames)[number];

/** The columns of a file by name: their positions. */
export type Columns = ReadonlyMap<string, number>;

/** A row whose cells are found by the names of their columns. */
export type ReportRow = {
  readonly line: number;
  /** The text of a cell without surrounding spaces; `undefined` if the file has no such column. */
  cell(column: string): string | undefined;
};

/** The columns of a header. Of columns with the same name the first counts. */
export function columnsOf(header: readonly string[]): Columns {
  return new Map([...header.entries()].toReversed().map(([index, name]) => [name.toLowerCase(), index]));
}

/** A row that is read by the names of its columns. */
export function reportRow({ line, cells }: CsvRow, columns: Columns): ReportRow {
  return {
    line,
    cell: (column) => {
      const index = columns.get(column);
      return index === undefined ? undefined : cells[index]?.trim();
    },
  };
}

/** What of a file's rows tells apart reports with the same columns. */
export type RowTraits = {
  /** Whether each row names an automatic payout. */
  readonly allInAutomaticPayouts: boolean;
  /** Whether there are rows, and all are of payouts and their reversals, or totals. */
  readonly onlyPayouts: boolean;
};

/** The categories of payouts. All others are activity. */
export const payoutCategories: ReadonlySet<string> = new Set(["payout", "payout_reversal"]);
/** The category of the row in which the dashboard's summaries add up the others. */
export const totalCategory = "total";

const amountColumns = ["gross", "fee", "net"];

/**
 * Which report a file is.
 * @throws FileFault when its columns are not those of a report, or of the requested one.
 */
export function recognizeReport(
  columns: Columns,
  traits: RowTraits,
  requested: ReportName | undefined,
): ReportName {
  const report = requested ?? reportByColumns(columns, traits);
  if (report === undefined)
    throw new FileFault(
      "is none of the reports that can be compared: it has neither a column balance_transaction_id nor those of a " +
        "summary; export an itemized or summary balance, payouts or payout reconciliation report",
    );
  const missing = requiredColumns(report, columns).filter((name) => !columns.has(name));
  if (missing.length > 0)
    throw new FileFault(
      `lacks the column(s) ${missing.join(", ")} of the report ${report}; export it again with them`,
    );
  return report;
}

function reportByColumns(columns: Columns, traits: RowTraits): ReportName | undefined {
  if (columns.has("balance_transaction_id")) {
    const isPayouts = ["payout_id", "effective_at", "effective_at_utc"].some((name) => columns.has(name));
    if (isPayouts) return "payouts";
    return traits.allInAutomaticPayouts ? "payout-reconciliation" : "activity";
  }
  if (columns.has("category") && columns.has("net_amount")) return "balance-summary";
  const isSummary = columns.has("reporting_category") && columns.has("count") && columns.has("currency");
  if (!isSummary) return undefined;
  return traits.onlyPayouts ? "payouts-summary" : "activity-summary";
}

function requiredColumns(report: ReportName, columns: Columns): readonly string[] {
  switch (report) {
    case "balance-summary":
      return ["category", "net_amount", "currency"];
    case "activity-summary":
    case "payouts-summary":
      return ["reporting_category", "currency"];
    case "activity":
    case "payouts":
    case "payout-reconciliation":
      return [
        "balance_transaction_id",
        // Amounts are in major units of a currency.
        ...(amountColumns.some((name) => columns.has(name)) ? ["currency"] : []),
        ...(columns.has("customer_facing_amount") ? ["customer_facing_currency"] : []),
        ...(report === "payout-reconciliation" ? ["automatic_payout_id"] : []),
      ];
  }
}

/** Whether a report has one row per category instead of one per transaction. */
export function isSummary(report: ReportName): boolean {
  return report.endsWith("-summary");
}
