import { Temporal } from "temporal-polyfill";
import { bucketOf, type Interval } from "../../time/calendar.ts";
import type { SeriesResponse } from "../../routes/revenue-series.ts";

/** What a bucket is called: its hour, day, week, month, quarter or year in the zone of the series. */
export type BucketLabel = { readonly short: string; readonly long: string };

/** The names of the buckets of a series. Those at its ends that the range cuts off say so. */
export function bucketLabels({ interval, timezone, buckets }: SeriesResponse): BucketLabel[] {
  const cutOff = new Set(
    [0, buckets.length - 1].filter((index) => isCut(buckets[index], interval, timezone)),
  );
  return buckets.map(({ start }, index) => {
    const short = nameOf(start, interval);
    const whole = interval === "hour" ? `${start.slice(0, 10)} ${short} ${start.slice(19)}` : short;
    const long = interval === "week" ? `Week of ${whole}` : whole;
    return { short, long: cutOff.has(index) ? `${long} (part)` : long };
  });
}

/** Cut out of the text, which the API wrote in the zone: a year of days has too many to ask Temporal. */
function nameOf(start: string, interval: Interval): string {
  switch (interval) {
    case "hour":
      return start.slice(11, 16);
    case "day":
    case "week":
      return start.slice(0, 10);
    case "month":
      return start.slice(0, 7);
    case "quarter":
      return `${start.slice(0, 4)}-Q${Math.ceil(Number(start.slice(5, 7)) / 3)}`;
    case "year":
      return start.slice(0, 4);
  }
}

function isCut(
  bucket: SeriesResponse["buckets"][number] | undefined,
  interval: Interval,
  zone: string,
): boolean {
  if (bucket === undefined) return false;
  const [start, end] = [Temporal.Instant.from(bucket.start), Temporal.Instant.from(bucket.end)];
  const whole = bucketOf(interval, zone, start);
  return !whole.start.equals(start) || !whole.end.equals(end);
}
