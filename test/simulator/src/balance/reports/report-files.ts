import { createRandom, type Random } from "../../random.ts";
import type { BalanceLife } from "../life.ts";
import { itemizedReport, reportColumns } from "./itemized-report.ts";
import { type MutationKind, mutateReport, type ReportMutation } from "./mutate-report.ts";
import type { ItemizedReport, ReportRange } from "./report-rows.ts";
import { summaryColumns, type SummaryReport, summaryReport } from "./summary-report.ts";

/** A report as a file. */
export type ReportFile = {
  readonly name: string;
  readonly report: ItemizedReport | SummaryReport;
  /** Each one row with its line end. */
  readonly lines: readonly string[];
};

/** A report with one change. */
export type MutatedReportFile = ReportFile & { readonly mutation: ReportMutation };

const itemized = ["activity", "payouts", "payout-reconciliation"] as const;
const summaries = ["balance-summary", "activity-summary", "payouts-summary"] as const;

/** Every report about a range, in every version and once with its columns in another order. */
export function reportFiles(
  life: BalanceLife,
  range: ReportRange,
  { timezone, seed }: { readonly timezone: string; readonly seed: number },
): ReportFile[] {
  const random = createRandom(seed);
  return [
    ...itemized.flatMap((report) => {
      const versions = reportColumns[report];
      return [...versions, random.shuffle(versions.at(-1) ?? [])].map((columns, version) => ({
        name: `${report}-${version + 1}.csv`,
        report,
        lines: [...itemizedReport(life, report, range, { columns, timezone })],
      }));
    }),
    ...summaries.flatMap((report) =>
      [summaryColumns[report], random.shuffle(summaryColumns[report])].map((columns, version) => ({
        name: `${report}-${version + 1}.csv`,
        report,
        lines: summaryReport(life, report, range, columns),
      })),
    ),
  ];
}

const rowChanges = ["missing_there", "missing_here", "duplicate"] as const;
const amounts = ["gross", "fee", "net"] as const;

/** What can be changed in a report so that the ledger alone shows it. */
const changes: Readonly<Record<ReportFile["report"], readonly MutationKind[]>> = {
  activity: [
    ...amounts,
    "currency",
    "created",
    "available_on",
    "reporting_category",
    "payout",
    ...rowChanges,
  ],
  payouts: [...amounts, "currency", "reporting_category", "payout_status", ...rowChanges],
  "payout-reconciliation": [
    ...amounts,
    "currency",
    "created",
    "available_on",
    "payout",
    "trace_id",
    ...rowChanges,
  ],
  "balance-summary": ["net"],
  "activity-summary": [...amounts, "count"],
  "payouts-summary": [...amounts, "count"],
};

/** Copies of reports with one change each. */
export function mutatedReportFiles(
  files: readonly ReportFile[],
  count: number,
  random: Random,
): readonly MutatedReportFile[] {
  const mutated: MutatedReportFile[] = [];
  while (mutated.length < count) {
    const file = random.pick(files);
    const kind = random.pick(changes[file.report]);
    const made = mutateReport(file.lines, kind, random);
    // A payout of which no row is left is not named by the file any more.
    if (made === undefined || (kind === "missing_there" && file.report === "payout-reconciliation")) continue;
    const name = `${String(mutated.length).padStart(4, "0")}-${kind}-${file.name}`;
    mutated.push({ ...file, name, ...made });
  }
  return mutated;
}
