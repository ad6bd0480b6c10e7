import { exponentOf, toMajor } from "@takings/domain";
import type { TieOutSum } from "@takings/postgres";
import { compareAmount } from "./compare-cells.ts";
import type { Difference } from "./difference.ts";
import { payoutCategories, type ReportRow } from "./report.ts";
import { minorAmount, type SummaryRows, summaryId } from "./summary-rows.ts";
import type { ComparedSummary } from "./tie-out-categories.ts";

/** The result of comparing a balance summary. */
export type ComparedBalance = ComparedSummary & {
  /** Categories of the file that are no sums of transactions. */
  readonly notCompared: readonly string[];
};

/** The rows that every balance summary has: https://docs.stripe.com/reports/report-types/balance */
const required = ["starting_balance", "activity", "payouts", "ending_balance"] as const;

/** Compares a balance summary with the sums of its range. @throws FileFault as `compareAmount` does. */
export function compareBalance(rows: SummaryRows, sums: readonly TieOutSum[]): ComparedBalance {
  const differences: Difference[] = [];
  const notCompared = new Set<string>();
  let known = 0;
  for (const [currency, ofCurrency] of rows) {
    const ofLedger = sums.filter((sum) => sum.currency === currency);
    const expected = expectedAmounts(ofCurrency, ofLedger, currency);
    for (const [category, row] of ofCurrency) {
      const minor = expected.get(category);
      if (minor === undefined) notCompared.add(category);
      else differences.push(...compareRow(row, { currency, category }, minor, ofLedger.length > 0));
    }
    if (ofLedger.length > 0) known += ofCurrency.size;
    differences.push(...missingRows(currency, expected, ofCurrency));
  }
  for (const currency of new Set(sums.map((sum) => sum.currency))) {
    if (rows.has(currency)) continue;
    const ofLedger = sums.filter((sum) => sum.currency === currency);
    const none = new Map<string, ReportRow>();
    differences.push(...missingRows(currency, expectedAmounts(none, ofLedger, currency), none));
  }
  return { differences, known, notCompared: [...notCompared].toSorted() };
}

function compareRow(
  row: ReportRow,
  { currency, category }: { readonly currency: string; readonly category: string },
  minor: bigint,
  isKnown: boolean,
): readonly Difference[] {
  const place = { line: row.line, id: summaryId(currency, category) };
  const columns = { amount: "net_amount", currency: "currency" };
  const found = compareAmount(row, place, "net", { minor, currency, columns });
  return isKnown ? found : found.map((one) => ({ ...one, kind: "missing_here", ledgerSays: null }));
}

/** The rows that a summary lacks although they would not be 0. */
function missingRows(
  currency: string,
  expected: ReadonlyMap<string, bigint>,
  rows: ReadonlyMap<string, ReportRow>,
): readonly Difference[] {
  return required
    .filter((category) => !rows.has(category) && (expected.get(category) ?? 0n) !== 0n)
    .map((category) => ({
      line: null,
      id: summaryId(currency, category),
      kind: "missing_there",
      fileSays: null,
      ledgerSays: toMajor(expected.get(category) ?? 0n, exponentOf(currency)),
    }));
}

/**
 * What each category should say. Payouts and fees are written with the sign that makes the file itself add up: exports
 * write what left the balance as negative, and older ones what arrived at the bank as positive.
 */
function expectedAmounts(
  rows: ReadonlyMap<string, ReportRow>,
  sums: readonly TieOutSum[],
  currency: string,
): ReadonlyMap<string, bigint> {
  const starting = sum(sums.map(({ startingNet }) => startingNet));
  const activity = addUp(sums.filter(({ reportingCategory }) => !payoutCategories.has(reportingCategory)));
  const payouts = addUp(sums.filter(({ reportingCategory }) => payoutCategories.has(reportingCategory)));
  const said = (category: string): bigint | undefined =>
    minorAmount(rows.get(category), "net_amount", currency);
  const before = addIfSaid(said("starting_balance"), said("activity"));
  const sign = signThatAddsUp(before, said("payouts"), said("ending_balance"), payouts.net);
  const activityFee = signThatAddsUp(
    said("activity_gross"),
    said("activity_fee"),
    said("activity"),
    -activity.fee,
  );
  const payoutsFee = signThatAddsUp(
    said("payouts_gross"),
    said("payouts_fee"),
    said("payouts"),
    -sign * payouts.fee,
  );
  return new Map([
    ["starting_balance", starting],
    ["activity_gross", activity.gross],
    ["activity_fee", -activityFee * activity.fee],
    ["activity", activity.net],
    ["payouts_gross", sign * payouts.gross],
    ["payouts_fee", -payoutsFee * sign * payouts.fee],
    ["payouts", sign * payouts.net],
    ["ending_balance", starting + activity.net + payouts.net],
  ]);
}

/**
 * The sign with which a file counts an amount: that with which `before` plus the amount is nearest to `after`. Where the
 * file does not state these, that with which the amount is nearest to the ledger's.
 */
function signThatAddsUp(
  before: bigint | undefined,
  said: bigint | undefined,
  after: bigint | undefined,
  ledger: bigint,
): 1n | -1n {
  if (said === undefined) return 1n;
  const target = before === undefined || after === undefined ? ledger : after - before;
  return distance(said, target) <= distance(-said, target) ? 1n : -1n;
}

function addIfSaid(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function addUp(sums: readonly TieOutSum[]): Pick<TieOutSum, "gross" | "fee" | "net"> {
  return {
    gross: sum(sums.map(({ gross }) => gross)),
    fee: sum(sums.map(({ fee }) => fee)),
    net: sum(sums.map(({ net }) => net)),
  };
}
