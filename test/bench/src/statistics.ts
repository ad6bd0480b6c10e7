/** One number of a run, as `--json` writes it. */
export type Measurement = { readonly name: string; readonly value: number; readonly unit: string };

/**
 * The smallest of the values that at least this share of them does not exceed (nearest rank).
 * @throws RangeError when there are no values
 */
export function quantile(values: readonly number[], share: number): number {
  const ascending = values.toSorted((a, b) => a - b);
  const value = ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)];
  if (value === undefined) throw new RangeError("no values to take a quantile of: nothing was measured");
  return value;
}

/** The value in the middle; of an even number of values the lower one of the two. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
