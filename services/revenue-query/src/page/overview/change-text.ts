/**
 * The change of an amount as a percentage, in the reader's format: exact to a tenth, whatever the size of the amounts.
 * `undefined` where there is nothing to compare with.
 */
export function percentText(now: bigint, before: bigint, locale: string): string | undefined {
  if (before === 0n) return undefined;
  const size = before < 0n ? -before : before;
  const permille = divideRounded((now - before) * 1_000n, size);
  const digits = String(permille < 0n ? -permille : permille).padStart(4, "0");
  const ratio = `${permille < 0n ? "-" : ""}${digits.slice(0, -3)}.${digits.slice(-3)}`;
  const format = new Intl.NumberFormat(locale, {
    style: "percent",
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  // A decimal in a string is formatted exactly.
  return format.format(ratio as Intl.StringNumericLiteral);
}

/** Rounds half away from zero. `divisor` is positive. */
function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const half = dividend < 0n ? -divisor : divisor;
  return (dividend * 2n + half) / (divisor * 2n);
}
