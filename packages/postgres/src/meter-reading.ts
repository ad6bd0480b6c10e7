import type { LedgerSum } from "@takings/domain";

/** What was taken of one currency, in its minor units, and how many entries that were. */
type Taken = Omit<LedgerSum, "bucket" | "currency">;

/** What was taken in some time, by currency. */
export type Reading = ReadonlyMap<string, Taken>;

const nothing: Taken = { gross: 0n, refunded: 0n, disputed: 0n, payments: 0, refunds: 0, disputes: 0 };

/** The reading of a time in which nothing went through. */
export const emptyReading: Reading = new Map();

/** A `takings.reading` and what comes before it in an array, as PostgreSQL writes it: `{"(usd,1250,0,0,1,0,0)"`. */
const pattern = /[{,]"\((\w+),(-?\d+),(-?\d+),(-?\d+),(-?\d+),(-?\d+),(-?\d+)\)"/gy;

/**
 * Reads the text of a `takings.reading[]`, all of it or that of one currency.
 * @throws Error when anything in it is of another form: nothing may be left out of a sum unseen.
 */
export function parseReading(text: string, only: string | undefined): Reading {
  const part = only === undefined ? text.slice(0, -1) : partOf(text, only);
  const reading = new Map<string, Taken>();
  let length = 0;
  for (const [one, currency, gross, refunded, disputed, payments, refunds, disputes] of part.matchAll(
    pattern,
  )) {
    length += one.length;
    reading.set(String(currency), {
      gross: BigInt(String(gross)),
      refunded: BigInt(String(refunded)),
      disputed: BigInt(String(disputed)),
      payments: Number(payments),
      refunds: Number(refunds),
      disputes: Number(disputes),
    });
  }
  const isUnderstood = length === part.length && (length > 0 || only !== undefined);
  if (isUnderstood || text === "{}") return reading;
  throw new Error(`a reading of an unknown form came out of the meter: ${text}`);
}

/** What the pattern matches of one currency, empty when the text has nothing of it. */
function partOf(text: string, currency: string): string {
  const start = text.indexOf(`"(${currency},`);
  return start === -1 ? "" : text.slice(start - 1, text.indexOf(")", start) + 2);
}

/** A reading and another one after it; with `-1`, what it has beyond that other one. */
export function addReading(reading: Reading, other: Reading, sign: 1 | -1): Reading {
  const sum = new Map(reading);
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
export function isNothing(taken: Taken): boolean {
  const { gross, refunded, disputed, payments, refunds, disputes } = taken;
  return (
    gross === 0n && refunded === 0n && disputed === 0n && payments === 0 && refunds === 0 && disputes === 0
  );
}
