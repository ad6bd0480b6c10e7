import type { RevenueResponse } from "./revenue-client.ts";

/** The revenue of one currency, in its minor unit; counts as the API counts. */
export type CurrencyTotals = {
  readonly gross: bigint;
  readonly refunded: bigint;
  readonly disputed: bigint;
  readonly payments: number;
  readonly refunds: number;
  readonly disputes: number;
};

/** Totals by currency code. */
export type Totals = ReadonlyMap<string, CurrencyTotals>;

/** Zero. */
export function noTotals(): CurrencyTotals {
  return { gross: 0n, refunded: 0n, disputed: 0n, payments: 0, refunds: 0, disputes: 0 };
}

/** The totals of a response of `/v1/revenue`. */
export function totalsOf({ totals }: Pick<RevenueResponse, "totals">): Totals {
  return new Map(
    totals.map(({ currency, gross, refunded, disputed, counts }) => [
      currency,
      {
        gross: BigInt(gross.minor),
        refunded: BigInt(refunded.minor),
        disputed: BigInt(disputed.minor),
        payments: counts.payments,
        refunds: counts.refunds,
        disputes: counts.disputes,
      },
    ]),
  );
}

/** The sum of two totals of one currency. */
export function addTotals(a: CurrencyTotals, b: CurrencyTotals): CurrencyTotals {
  return {
    gross: a.gross + b.gross,
    refunded: a.refunded + b.refunded,
    disputed: a.disputed + b.disputed,
    payments: a.payments + b.payments,
    refunds: a.refunds + b.refunds,
    disputes: a.disputes + b.disputes,
  };
}

/** What was added since `before`; currencies in which nothing happened are left out. */
export function difference(after: Totals, before: Totals): Totals {
  const changed = new Map<string, CurrencyTotals>();
  for (const [currency, now] of after) {
    const added = addTotals(now, negated(before.get(currency) ?? noTotals()));
    if (!sameTotals(added, noTotals())) changed.set(currency, added);
  }
  return changed;
}

/** The currencies whose totals are not exactly the expected ones. */
export function mismatches(actual: Totals, expected: Totals): string[] {
  const currencies = new Set([...actual.keys(), ...expected.keys()]);
  const differs = (currency: string): boolean =>
    !sameTotals(actual.get(currency) ?? noTotals(), expected.get(currency) ?? noTotals());
  return [...currencies].filter(differs).toSorted();
}

function negated(totals: CurrencyTotals): CurrencyTotals {
  return {
    gross: -totals.gross,
    refunded: -totals.refunded,
    disputed: -totals.disputed,
    payments: -totals.payments,
    refunds: -totals.refunds,
    disputes: -totals.disputes,
  };
}

function sameTotals(a: CurrencyTotals, b: CurrencyTotals): boolean {
  const money = a.gross === b.gross && a.refunded === b.refunded && a.disputed === b.disputed;
  return money && a.payments === b.payments && a.refunds === b.refunds && a.disputes === b.disputes;
}
