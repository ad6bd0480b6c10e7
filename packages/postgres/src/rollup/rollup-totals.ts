import type { LedgerSum } from "@takings/domain";

/** The totals of one currency: amounts in its minor unit, and numbers of entries. */
type Totals = Omit<LedgerSum, "range" | "currency">;

/** The totals of a period, by currency. */
export type RollupTotals = ReadonlyMap<string, Totals>;

const zero: Totals = { gross: 0n, refunded: 0n, disputed: 0n, payments: 0, refunds: 0, disputes: 0 };

/** The totals of a period without entries. */
export const emptyTotals: RollupTotals = new Map();

/** An element of a `takings.rollup_totals[]` with the separator before it: `{"(usd,1250,0,0,1,0,0)"`. */
const pattern = /[{,]"\((\w+),(-?\d+),(-?\d+),(-?\d+),(-?\d+),(-?\d+),(-?\d+)\)"/gy;

/**
 * Parses the text of a `takings.rollup_totals[]`, all of it or the element of one currency.
 * @throws Error when any part of it cannot be parsed, because nothing may be missing from a sum unnoticed.
 */
export function parseRollupTotals(text: string, only: string | undefined): RollupTotals {
  const part = only === undefined ? text.slice(0, -1) : partOf(text, only);
  const totals = new Map<string, Totals>();
  let length = 0;
  for (const [one, currency, gross, refunded, disputed, payments, refunds, disputes] of part.matchAll(
    pattern,
  )) {
    length += one.length;
    totals.set(String(currency), {
      gross: BigInt(String(gross)),
      refunded: BigInt(String(refunded)),
      disputed: BigInt(String(disputed)),
      payments: Number(payments),
      refunds: Number(refunds),
      disputes: Number(disputes),
    });
  }
  const isUnderstood = length === part.length && (length > 0 || only !== undefined);
  if (isUnderstood || text === "{}") return totals;
  throw new Error(`cannot parse totals of the rollup: ${text}`);
}

/** The element of one currency, with the separator before it; empty when there is none. */
function partOf(text: string, currency: string): string {
  const start = text.indexOf(`"(${currency},`);
  return start === -1 ? "" : text.slice(start - 1, text.indexOf(")", start) + 2);
}

/** The sum of two totals, or with `-1` their difference. */
export function addTotals(totals: RollupTotals, other: RollupTotals, sign: 1 | -1): RollupTotals {
  const sum = new Map(totals);
  const signOf = BigInt(sign);
  for (const [currency, more] of other) {
    const known = sum.get(currency) ?? zero;
    sum.set(currency, {
      gross: known.gross + signOf * more.gross,
      refunded: known.refunded + signOf * more.refunded,
      disputed: known.disputed + signOf * more.disputed,
      payments: known.payments + sign * more.payments,
      refunds: known.refunds + sign * more.refunds,
      disputes: known.disputes + sign * more.disputes,
    });
  }
  return sum;
}

/**
 * What the totals at one edge have more than those at an earlier one. Each are the sum of two parts. The same as adding and
 * subtracting them by {@link addTotals}, without making totals in between.
 */
export function totalsBetween(before: TotalsOfEdge, after: TotalsOfEdge): RollupTotals {
  const between = new Map<string, Totals>();
  for (const part of [...after, ...before]) {
    for (const currency of part.keys()) {
      if (!between.has(currency)) between.set(currency, differenceOf(before, after, currency));
    }
  }
  return between;
}

/** Two parts whose sum is the totals up to an edge. */
type TotalsOfEdge = readonly [RollupTotals, RollupTotals];

function differenceOf(before: TotalsOfEdge, after: TotalsOfEdge, currency: string): Totals {
  const [a, b] = [after[0].get(currency) ?? zero, after[1].get(currency) ?? zero];
  const [c, d] = [before[0].get(currency) ?? zero, before[1].get(currency) ?? zero];
  return {
    gross: a.gross + b.gross - c.gross - d.gross,
    refunded: a.refunded + b.refunded - c.refunded - d.refunded,
    disputed: a.disputed + b.disputed - c.disputed - d.disputed,
    payments: a.payments + b.payments - c.payments - d.payments,
    refunds: a.refunds + b.refunds - c.refunds - d.refunds,
    disputes: a.disputes + b.disputes - c.disputes - d.disputes,
  };
}

/** Whether all numbers are zero. */
export function isZero(totals: Totals): boolean {
  const { gross, refunded, disputed, payments, refunds, disputes } = totals;
  return (
    gross === 0n && refunded === 0n && disputed === 0n && payments === 0 && refunds === 0 && disputes === 0
  );
}
