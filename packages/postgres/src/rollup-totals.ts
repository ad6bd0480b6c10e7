import type { LedgerSum } from "@takings/domain";

/** What was taken of one currency, in its minor units, and how many entries that were. */
type Totals = Omit<LedgerSum, "bucket" | "currency">;

/** What was taken in some time, by currency. */
export type RollupTotals = ReadonlyMap<string, Totals>;

const nothing: Totals = { gross: 0n, refunded: 0n, disputed: 0n, payments: 0, refunds: 0, disputes: 0 };

/** The totals of a time in which nothing went through. */
export const emptyTotals: RollupTotals = new Map();

/** A `takings.rollup_totals` and what comes before it in an array, as PostgreSQL writes it: `{"(usd,1250,0,0,1,0,0)"`. */
const pattern = /[{,]"\((\w+),(-?\d+),(-?\d+),(-?\d+),(-?\d+),(-?\d+),(-?\d+)\)"/gy;

/**
 * Reads the text of a `takings.rollup_totals[]`, all of it or that of one currency.
 * @throws Error when anything in it is of another form: nothing may be left out of a sum unseen.
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
  throw new Error(`a totals of an unknown form came out of the rollup: ${text}`);
}

/** What the pattern matches of one currency, empty when the text has nothing of it. */
function partOf(text: string, currency: string): string {
  const start = text.indexOf(`"(${currency},`);
  return start === -1 ? "" : text.slice(start - 1, text.indexOf(")", start) + 2);
}

/** A totals and another one after it; with `-1`, what it has beyond that other one. */
export function addTotals(totals: RollupTotals, other: RollupTotals, sign: 1 | -1): RollupTotals {
  const sum = new Map(totals);
  const signOf = BigInt(sign);
  for (const [currency, more] of other) {
    const known = sum.get(currency) ?? nothing;
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

/** Whether nothing went through, or all that did came and went again. */
export function isZero(taken: Totals): boolean {
  const { gross, refunded, disputed, payments, refunds, disputes } = taken;
  return (
    gross === 0n && refunded === 0n && disputed === 0n && payments === 0 && refunds === 0 && disputes === 0
  );
}
