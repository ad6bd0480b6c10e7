/**
 * How many decimals the amounts of a currency have at Stripe. This is Stripe's table, not that of ISO 4217 or `Intl`:
 * ISK and UGX have two for backward compatibility, and so have HUF, TWD, IDR and COP.
 * https://docs.stripe.com/currencies#zero-decimal and #three-decimal, read 2026-11.
 */
const zeroDecimal = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
const threeDecimal = "bhd jod kwd omr tnd";

/** The exponents that are not 2, by lower-case currency code. */
export const unusualExponents: ReadonlyMap<string, number> = new Map([
  ...zeroDecimal.split(" ").map((currency) => [currency, 0] as const),
  ...threeDecimal.split(" ").map((currency) => [currency, 3] as const),
]);

/** The exponent of a lower-case currency code; 2 for any currency not known to differ. */
export function exponentOf(currency: string): number {
  return unusualExponents.get(currency) ?? 2;
}

/** An amount in major units as an exact decimal text: 1250000 of exponent 2 is `12500.00`. */
export function toMajor(minor: bigint, exponent: number): string {
  return majorText(minor.toString(), exponent);
}

/** The same of the text of an amount in minor units. */
export function majorText(minor: string, exponent: number): string {
  if (exponent === 0) return minor;
  const sign = minor.startsWith("-") ? "-" : "";
  const digits = minor.slice(sign.length).padStart(exponent + 1, "0");
  const point = digits.length - exponent;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
