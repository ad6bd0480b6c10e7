import type { CurrencyRevenue, RevenueClient } from "@takings/simulator";
import { decimalsOf, inMajorUnits, type Selection, select, type Total, totalsOf } from "./expected-totals.ts";
import { checkEach, type Comparison } from "./comparisons.ts";
import type { ExpectedState } from "./expected-state.ts";

const ranges: readonly Pick<Selection, "from" | "to">[] = [
  {},
  { from: Date.parse("2024-01-01T00:00:00Z") },
  { to: Date.parse("2024-03-10T07:00:00Z") },
  { from: Date.parse("2023-12-31T23:59:59Z"), to: Date.parse("2024-11-03T06:00:00Z") },
  { from: Date.parse("2024-03-31T01:00:00Z"), to: Date.parse("2024-03-31T01:00:00Z") },
];

/** Totals of every account and mode, over all time and over ranges whose edges coincide with entries. */
export function compareTotals(
  reader: RevenueClient,
  expectedState: ExpectedState,
  accounts: readonly string[],
): Promise<Comparison> {
  const selections = [undefined, "*", ...accounts, "acct_never_seen"].flatMap((account) =>
    [true, false].flatMap((livemode) =>
      ranges.flatMap((range) => [
        { account, livemode, ...range },
        { account, livemode, ...range, currency: "jpy" },
      ]),
    ),
  );
  return checkEach("revenue totals", selections, async (selection) => {
    const { from, to } = selection;
    const answer = await reader.revenue({ ...selection, from: instant(from), to: instant(to) });
    return totalDifferences(
      JSON.stringify(selection),
      totalsOf(select(expectedState.entries, selection)),
      answer.totals,
    );
  });
}

/** The differences between expected and returned totals; the order of currencies matters. */
export function totalDifferences(
  what: string,
  expected: readonly Total[],
  answered: readonly CurrencyRevenue[],
): string[] {
  const [must, is] = [expected.map(totalLine), answered.map(apiTotalLine)];
  const isSame = must.length === is.length && must.every((line, index) => line === is[index]);
  return isSame ? [] : [`${what}\n    expected ${must.join(" | ")}\n    answered ${is.join(" | ")}`];
}

function totalLine({ currency, counts, ...sums }: Total): string {
  const parts = [sums.gross, sums.refunded, sums.disputed, sums.net].map(
    (sum) => `${sum} ${inMajorUnits(sum, currency)}`,
  );
  return [currency, decimalsOf(currency), ...parts, counts.payments, counts.refunds, counts.disputes].join(
    ", ",
  );
}

function apiTotalLine({ currency, exponent, counts, ...sums }: CurrencyRevenue): string {
  const parts = [sums.gross, sums.refunded, sums.disputed, sums.net].map(
    ({ minor, major }) => `${minor} ${major}`,
  );
  return [currency, exponent, ...parts, counts.payments, counts.refunds, counts.disputes].join(", ");
}

function instant(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
