/** A decimal number as a file writes it, exactly. */
export type Decimal = {
  /** The number without its point. */
  readonly unscaled: bigint;
  /** How many digits the file writes after the point. */
  readonly decimals: number;
};

/** Parses `12.30`, `-0.05`, `500`; `undefined` for anything else, such as `12,30` or `1,234.50`. */
export function parseDecimal(text: string): Decimal | undefined {
  const [, whole, fraction = ""] = /^(-?\d{1,30})(?:\.(\d{1,30}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return { unscaled: BigInt(whole + fraction), decimals: fraction.length };
}

/** The amount in minor units of a currency with this exponent; `undefined` if it is no whole number of them. */
export function minorOf({ unscaled, decimals }: Decimal, exponent: number): bigint | undefined {
  if (decimals <= exponent) return unscaled * 10n ** BigInt(exponent - decimals);
  const divisor = 10n ** BigInt(decimals - exponent);
  return unscaled % divisor === 0n ? unscaled / divisor : undefined;
}

/** Writes minor units with at least as many decimals as needed, and as many as the file writes if that is exact. */
export function writeDecimal(minor: bigint, exponent: number, decimals: number): string {
  let [unscaled, written] = [minor, exponent];
  while (written < decimals) [unscaled, written] = [unscaled * 10n, written + 1];
  while (written > decimals && unscaled % 10n === 0n) [unscaled, written] = [unscaled / 10n, written - 1];
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(written + 1, "0");
  const sign = unscaled < 0n ? "-" : "";
  const point = digits.length - written;
  return written === 0 ? sign + digits : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
