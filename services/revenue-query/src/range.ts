import { Temporal } from "temporal-polyfill";
import { startOfDay } from "./calendar.ts";

/** One end of a range as it was asked for: an instant, or a day whose first instant depends on the zone. */
export type Bound = Temporal.Instant | Temporal.PlainDate;

/** A half-open range of instants, whole microseconds within the years 0001 to 9999; `undefined` is unbounded. */
export type Range = {
  readonly from: Temporal.Instant | undefined;
  readonly to: Temporal.Instant | undefined;
};

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern =
  /^(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Reads a plain date or an RFC 3339 instant; `undefined` for anything else, impossible dates and leap seconds
 * included. An instant between two microseconds becomes the later one, which leaves the same rows on either side.
 */
export function parseBound(text: string): Bound | undefined {
  if (datePattern.test(text)) return parseDate(text);
  const read = readInstant(text);
  return read?.hasMore === true ? read.instant.add({ microseconds: 1 }) : read?.instant;
}

/**
 * Reads an RFC 3339 instant; `undefined` for anything else. One between two microseconds becomes the earlier one:
 * nothing is recorded between the two.
 */
export function parseMoment(text: string): Temporal.Instant | undefined {
  return readInstant(text)?.instant;
}

/** An instant cut to microseconds, and whether that left something over. */
function readInstant(text: string): { instant: Temporal.Instant; hasMore: boolean } | undefined {
  const [, date, time, fraction = "", offset] = instantPattern.exec(text) ?? [];
  if (date === undefined || parseDate(date) === undefined) return undefined;
  const micros = fraction.slice(0, 6).padEnd(6, "0");
  const instant = Temporal.Instant.from(`${date}T${time}.${micros}${offset?.toUpperCase()}`);
  return { instant, hasMore: /[1-9]/.test(fraction.slice(6)) };
}

/** The instant that a bound means in a zone, or `undefined` when that is outside the years 0001 to 9999 (UTC). */
export function resolveBound(bound: Bound, zone: string): Temporal.Instant | undefined {
  const instant = bound instanceof Temporal.Instant ? bound : startOfDay(bound, zone);
  const { year } = instant.toZonedDateTimeISO("UTC");
  return year >= 1 && year <= 9999 ? instant : undefined;
}

function parseDate(text: string): Temporal.PlainDate | undefined {
  try {
    const date = Temporal.PlainDate.from(text, { overflow: "reject" });
    return date.year >= 1 ? date : undefined;
  } catch {
    return undefined;
  }
}
