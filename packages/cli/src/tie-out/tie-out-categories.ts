import { exponentOf, toMajor } from "@takings/domain";
import type { TieOutSum } from "@takings/postgres";
import { compareAmount, readAmount } from "./compare-cells.ts";
import { minorOf } from "./decimal.ts";
import type { Difference } from "./difference.ts";
import { payoutCategories, type ReportRow, totalCategory } from "./report.ts";
import { type SummaryRows, summaryId } from "./summary-rows.ts";

type Totals = Pick<TieOutSum, "count" | "gross" | "fee" | "net">;

const amounts = ["gross", "fee", "net"] as const;
const nothing: Totals = { count: 0n, gross: 0n, fee: 0n, net: 0n };

/** The result of comparing a summary. */
export type ComparedSummary = {
  readonly differences: readonly Difference[];
  /** Rows of currencies and categories that the ledger has. */
  readonly known: number;
};

/**
 * Compares a summary of activity or payouts with the sums of its range.
 * @throws FileFault when a cell is not written as Stripe writes it.
 */
export function compareCategories(
  rows: SummaryRows,
  sums: readonly TieOutSum[],
  report: "activity-summary" | "payouts-summary",
): ComparedSummary {
  const inRange = sums.filter(({ count }) => count > 0n);
  const isOfReport = (category: string): boolean =>
    payoutCategories.has(category) === (report === "payouts-summary");
  const differences: Difference[] = [];
  let known = 0;
  for (const [currency, ofCurrency] of rows) {
    const ofLedger = inRange.filter((sum) => sum.currency === currency);
    for (const [category, row] of ofCurrency) {
      const counted =
        category === totalCategory
          ? addUp(ofLedger.filter((sum) => isOfReport(sum.reportingCategory)))
          : ofLedger.find((sum) => sum.reportingCategory === category);
      if (counted !== undefined) known += 1;
      differences.push(...compareRow(row, { currency, category }, counted));
    }
  }
  for (const sum of inRange) {
    const { currency, reportingCategory: category, net } = sum;
    if (!isOfReport(category) || rows.get(currency)?.has(category) === true) continue;
    const ledgerSays = toMajor(net, exponentOf(currency));
    const id = summaryId(currency, category);
    differences.push({ line: null, id, kind: "missing_there", fileSays: null, ledgerSays });
  }
  return { differences, known };
}

function addUp(sums: readonly TieOutSum[]): Totals | undefined {
  if (sums.length === 0) return undefined;
  return sums.reduce(
    (total, { count, gross, fee, net }) => ({
      count: total.count + count,
      gross: total.gross + gross,
      fee: total.fee + fee,
      net: total.net + net,
    }),
    nothing,
  );
}

function compareRow(
  row: ReportRow,
  { currency, category }: { readonly currency: string; readonly category: string },
  counted: Totals | undefined,
): readonly Difference[] {
  const place = { line: row.line, id: summaryId(currency, category) };
  const { count, ...sums } = counted ?? nothing;
  const found = [
    ...compareCount(row, place, count),
    ...amounts.flatMap((kind) =>
      compareAmount(row, place, kind, {
        minor: sums[kind],
        currency,
        columns: { amount: kind, currency: "currency" },
      }),
    ),
  ];
  if (counted !== undefined || found.length === 0) return found;
  const fileSays = row.cell("net") ?? row.cell("count") ?? null;
  return [{ ...place, kind: "missing_here", fileSays, ledgerSays: null }];
}

function compareCount(
  row: ReportRow,
  place: { readonly line: number; readonly id: string },
  count: bigint,
): readonly Difference[] {
  const said = readAmount(row, "count");
  if (said === undefined || minorOf(said, 0) === count) return [];
  return [{ ...place, kind: "count", fileSays: row.cell("count") ?? null, ledgerSays: String(count) }];
}
