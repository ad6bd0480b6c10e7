import type { Formats } from "../format/formats.ts";

/**
 * The change of an amount as a percentage, in the reader's format: exact to a tenth, whatever the size of the amounts.
 * `undefined` where there is nothing to compare with.
 */
export function percentText(
  now: bigint,
  before: bigint,
  { percent }: Pick<Formats, "percent">,
): string | undefined {
  if (before === 0n) return undefined;
  const size = before < 0n ? -before : before;
  const permille = divideRounded((now - before) * 1_000n, size);
  const digits = String(permille < 0n ? -permille : permille).padStart(4, "0");
  const ratio = `${permille < 0n ? "-" : ""}${digits.slice(0, -3)}.${digits.slice(-3)}`;
  return percent(ratio);
}

/** Rounds half away from zero. `divisor` is positive. */
function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const half = dividend < 0n ? -divisor : divisor;
  return (dividend * 2n + half) / (divisor * 2n);
}
