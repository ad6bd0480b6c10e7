/** What one currency's revenue is made of, in its minor unit; counts as the API counts. */
export interface CurrencyTotals {
  gross: bigint;
  refunded: bigint;
  disputed: bigint;
  payments: number;
  refunds: number;
  disputes: number;
}

/** Totals by currency code. */
export type Totals = ReadonlyMap<string, Readonly<CurrencyTotals>>;

/** Nothing yet. */
export function noTotals(): CurrencyTotals {
  return { gross: 0n, refunded: 0n, disputed: 0n, payments: 0, refunds: 0, disputes: 0 };
}

/** What came on top of `before`; currencies in which nothing happened are left out. */
export function difference(after: Totals, before: Totals): Totals {
  const changed = new Map<string, CurrencyTotals>();
  for (const [currency, now] of after) {
    const then = before.get(currency) ?? noTotals();
    const more: CurrencyTotals = {
      gross: now.gross - then.gross,
      refunded: now.refunded - then.refunded,
      disputed: now.disputed - then.disputed,
      payments: now.payments - then.payments,
      refunds: now.refunds - then.refunds,
      disputes: now.disputes - then.disputes,
    };
    if (!sameTotals(more, noTotals())) changed.set(currency, more);
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

function sameTotals(a: Readonly<CurrencyTotals>, b: Readonly<CurrencyTotals>): boolean {
  const money = a.gross === b.gross && a.refunded === b.refunded && a.disputed === b.disputed;
  return money && a.payments === b.payments && a.refunds === b.refunds && a.disputes === b.disputes;
}
