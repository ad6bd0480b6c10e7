import { parseInstant } from "../options/instant.ts";

/** A half-open range of instants, in microseconds since 1970; `undefined` is unbounded. */
export type InstantRange = { readonly from: bigint | undefined; readonly to: bigint | undefined };

/**
 * Parses the two ends of a range from RFC 3339 texts.
 * @throws Error naming the end that is not an instant, or both if the range is empty.
 */
export function parseInstantRange(options: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): InstantRange {
  const [from, to] = [microsOf("--from", options.from), microsOf("--to", options.to)];
  if (from !== undefined && to !== undefined && from >= to)
    throw new Error(`the range is empty: --from ${options.from} must be before --to ${options.to}`);
  return { from, to };
}

/** Whether an instant, given as the text of its microseconds since 1970, is in the range. */
export function isWithin({ from, to }: InstantRange, micros: string): boolean {
  if (!/^-?\d+$/.test(micros)) return (micros === "-Infinity" ? from : to) === undefined;
  const at = BigInt(micros);
  return (from === undefined || at >= from) && (to === undefined || at < to);
}

function microsOf(option: string, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const instant = parseInstant(text);
  if (instant === undefined)
    throw new Error(`${option} ${text} is not an RFC 3339 instant, such as 2026-10-01T00:00:00Z`);
  const [, fraction = ""] = /\.(\d+)/.exec(text) ?? [];
  return BigInt(instant.getTime()) * 1_000n + BigInt(fraction.slice(3, 6).padEnd(3, "0"));
}
