import type { Temporal } from "temporal-polyfill";
import type { Range } from "../../parameters/range.ts";
import type { Interval } from "../../time/calendar.ts";

/** How many buckets are drawn and listed; more can neither be seen nor read. */
export const maxShownBuckets = 400;

const hoursOf: Readonly<Record<Interval, number>> = {
  hour: 1,
  day: 24,
  week: 7 * 24,
  month: 30 * 24,
  quarter: 91 * 24,
  year: 365 * 24,
};

/** The longest ranges that an interval is the default of, in days, with room for the change of clocks. */
const longest: readonly (readonly [Interval, number])[] = [
  ["hour", 2.1],
  ["day", 92.1],
  ["month", 2 * 366],
  ["quarter", 10 * 366],
];

/** The interval that fits a range. One with an open start has no length: months fit most ledgers. */
export function defaultInterval({ from, to }: Range, now: Temporal.Instant): Interval {
  if (from === undefined) return "month";
  const days = hoursBetween(from, to ?? now) / 24;
  return longest.find(([, limit]) => days <= limit)?.[0] ?? "year";
}

/** Whether a range has no more buckets of an interval than are shown. */
export function isShown(interval: Interval, { from, to }: Range, now: Temporal.Instant): boolean {
  if (from === undefined) return interval !== "hour" && interval !== "day";
  return hoursBetween(from, to ?? now) / hoursOf[interval] <= maxShownBuckets;
}

function hoursBetween(from: Temporal.Instant, to: Temporal.Instant): number {
  return Math.max(0, (to.epochMilliseconds - from.epochMilliseconds) / 3_600_000);
}
