import type { Temporal } from "temporal-polyfill";
import type { Range } from "../../parameters/range.ts";
import { type Interval, intervals } from "../../time/calendar.ts";

/** How many buckets are drawn and listed; more can neither be seen nor read. */
export const maxShownBuckets = 400;
/** How many rows the table of a series has at most: one for each bucket and currency. */
export const maxShownRows = 1_200;

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

/**
 * The next longer interval in which a series that is too long is shown, or else the longest.
 * `undefined` where the series has the longest already.
 */
export function longerInterval(
  interval: Interval,
  { buckets, currencies }: { readonly buckets: number; readonly currencies: number },
): Interval | undefined {
  const longer = intervals.slice(intervals.indexOf(interval) + 1);
  const fits = longer.find((one) => {
    // A range may begin and end within a bucket.
    const count = Math.ceil((buckets * hoursOf[interval]) / hoursOf[one]) + 1;
    return count <= maxShownBuckets && count * currencies <= maxShownRows;
  });
  return fits ?? longer.at(-1);
}

function hoursBetween(from: Temporal.Instant, to: Temporal.Instant): number {
  return Math.max(0, (to.epochMilliseconds - from.epochMilliseconds) / 3_600_000);
}
