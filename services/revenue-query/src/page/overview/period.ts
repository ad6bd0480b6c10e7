import { Temporal } from "temporal-polyfill";
import type { Range } from "../../parameters/range.ts";
import { startOfDay } from "../../time/calendar.ts";

/** A range with both ends. */
export type Period = { readonly from: Temporal.Instant; readonly to: Temporal.Instant };

/** The length of a period: whole months, whole days, or exact time, in the zone of its query. */
type Length =
  | { readonly unit: "month" | "day"; readonly start: Temporal.PlainDate; readonly count: number }
  | { readonly unit: "time" };

/** The range as a period; `undefined` where an end is open, and for an empty one, which has no length. */
export function periodOf({ from, to }: Range): Period | undefined {
  if (from === undefined || to === undefined || !isBefore(from, to)) return undefined;
  return { from, to };
}

/** The whole days, months and so on from a date on. */
export function calendarPeriod(
  start: Temporal.PlainDate,
  length: Temporal.DurationLike,
  zone: string,
): Period {
  return { from: startOfDay(start, zone), to: startOfDay(start.add(length), zone) };
}

/** The month of an instant in a zone. */
export function monthOf(instant: Temporal.Instant, zone: string): Period {
  return calendarPeriod(dateOf(instant, zone).with({ day: 1 }), { months: 1 }, zone);
}

/**
 * The period of the same length right before (-1) or after (1) another. Whole months are followed by as many months, whole
 * days by as many days, whatever their length in hours. `undefined` outside the years 0001 to 9999.
 */
export function neighbour(period: Period, steps: 1 | -1, zone: string): Period | undefined {
  const length = lengthOf(period, zone);
  try {
    const moved = moveBy(period, length, steps, zone);
    const [first, last] = [moved.from, moved.to].map((end) => end.toZonedDateTimeISO("UTC").year);
    return first !== undefined && last !== undefined && first >= 1 && last <= 9999 ? moved : undefined;
  } catch (error) {
    // Temporal's own limits are further out than those of a query, but not by the length of a period.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The part of the previous period to compare a period with: all of it, and as long as the period is running, what had elapsed
 * at the same point. In months the 15th at noon corresponds to the 15th at noon.
 */
export function elapsedPart(previous: Period, period: Period, now: Temporal.Instant, zone: string): Period {
  const isRunning = isBefore(period.from, now) && isBefore(now, period.to);
  if (!isRunning) return previous;
  const { unit } = lengthOf(period, zone);
  const to =
    unit === "time"
      ? previous.from.add(period.from.until(now))
      : zoned(previous.from, zone)
          .add(zoned(period.from, zone).until(zoned(now, zone), { largestUnit: unit }))
          .toInstant();
  // A shorter month has no 31st.
  return { from: previous.from, to: isBefore(to, previous.to) ? to : previous.to };
}

/** Whether an instant is the first one of a day in a zone. */
function isDayStart(instant: Temporal.Instant, zone: string): boolean {
  return startOfDay(dateOf(instant, zone), zone).equals(instant);
}

/** An end of a range as a parameter: the date where a day begins there, else the instant. */
export function boundText(instant: Temporal.Instant, zone: string): string {
  return isDayStart(instant, zone) ? dateOf(instant, zone).toString() : instant.toString();
}

const monthName = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** A period in words: `November 2026`, `2026-Q4`, `2026`, its first and last day, or undefined where it is not of whole days. */
export function periodName({ from, to }: Period, zone: string): string | undefined {
  const length = lengthOf({ from, to }, zone);
  if (length.unit === "time") return undefined;
  const { start, count } = length;
  if (length.unit === "month") {
    if (count === 1) return monthName.format(start.toZonedDateTime("UTC").epochMilliseconds);
    if (count === 3 && start.month % 3 === 1) return `${start.year}-Q${(start.month + 2) / 3}`;
    if (count === 12 && start.month === 1) return String(start.year);
  }
  const last = dateOf(to, zone).subtract({ days: 1 });
  return last.equals(start) ? start.toString() : `${start.toString()} to ${last.toString()}`;
}

function lengthOf({ from, to }: Period, zone: string): Length {
  if (!isDayStart(from, zone) || !isDayStart(to, zone)) return { unit: "time" };
  const [start, end] = [dateOf(from, zone), dateOf(to, zone)];
  if (start.day === 1 && end.day === 1) {
    return { unit: "month", start, count: start.until(end, { largestUnit: "month" }).months };
  }
  return { unit: "day", start, count: start.until(end).days };
}

function moveBy(period: Period, length: Length, steps: 1 | -1, zone: string): Period {
  if (length.unit === "time") {
    const duration = period.from.until(period.to);
    return steps === 1
      ? { from: period.to, to: period.to.add(duration) }
      : { from: period.from.subtract(duration), to: period.from };
  }
  const by = { [`${length.unit}s`]: length.count * steps };
  if (steps === 1) return { from: period.to, to: startOfDay(dateOf(period.to, zone).add(by), zone) };
  return { from: startOfDay(length.start.add(by), zone), to: period.from };
}

function dateOf(instant: Temporal.Instant, zone: string): Temporal.PlainDate {
  return zoned(instant, zone).toPlainDate();
}

function zoned(instant: Temporal.Instant, zone: string): Temporal.ZonedDateTime {
  return instant.toZonedDateTimeISO(zone);
}

function isBefore(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) < 0;
}
