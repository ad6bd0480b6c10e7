import { balanceArithmetic } from "../arithmetic.ts";
import type { BalanceLife } from "../life.ts";
import { countedTransactions } from "../stated-facts.ts";
import { isPayout, type ReportRange } from "./report-rows.ts";
import { csvLine, localTime, major } from "./report-values.ts";

/** Stripe's summaries. https://docs.stripe.com/reports/report-types/balance */
export type SummaryReport = "balance-summary" | "activity-summary" | "payouts-summary";

/** The lines of a summary, the header first. @param columns their order; default as Stripe documents it. */
export function summaryReport(
  life: BalanceLife,
  report: SummaryReport,
  { from, to, at }: ReportRange,
  columns: readonly string[] = summaryColumns[report],
): readonly string[] {
  const summaries = balanceArithmetic(countedTransactions(life, at), [from, to]).summary(from, to);
  const rows: Record<string, string>[] = [];
  for (const [currency, { startingBalance, categories, endingBalance }] of [...summaries].toSorted(byName)) {
    const of = (payouts: boolean): [string, { count: number; gross: bigint; fee: bigint; net: bigint }][] =>
      [...categories].filter(([category]) => isPayout({ category }) === payouts).toSorted(byName);
    if (report === "balance-summary") {
      const net = (payouts: boolean): bigint => of(payouts).reduce((sum, [, sums]) => sum + sums.net, 0n);
      const day = (time: number): string => localTime("UTC")(time).slice(0, 10);
      const row = (category: string, description: string, amount: bigint): Record<string, string> => ({
        category,
        description,
        net_amount: major(amount, currency),
        currency,
      });
      rows.push(
        row("starting_balance", `Starting balance (${day(from)})`, startingBalance),
        row("activity", "Activity", net(false)),
        row("payouts", "Total payouts", net(true)),
        row("ending_balance", `Ending balance (${day(to)})`, endingBalance),
      );
    } else {
      for (const [category, { count, gross, fee, net }] of of(report === "payouts-summary"))
        rows.push({
          reporting_category: category,
          currency,
          count: String(count),
          gross: major(gross, currency),
          fee: major(fee, currency),
          net: major(net, currency),
        });
    }
  }
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))].map(csvLine);
}

/** The columns of each summary as Stripe documents them. */
export const summaryColumns: Readonly<Record<SummaryReport, readonly string[]>> = {
  "balance-summary": ["category", "description", "net_amount", "currency"],
  "activity-summary": ["reporting_category", "currency", "count", "gross", "fee", "net"],
  "payouts-summary": ["reporting_category", "currency", "count", "gross", "fee", "net"],
};

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
