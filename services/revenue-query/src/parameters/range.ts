import { Temporal } from "temporal-polyfill";
import { startOfDay } from "../time/calendar.ts";

/** One end of a range as given: an instant, or a day whose first instant depends on the time zone. */
export type Bound = Temporal.Instant | Temporal.PlainDate;

/** A half-open range of instants in whole microseconds, within the years 0001 to 9999; `undefined` is unbounded. */
export type Range = {
  readonly from: Temporal.Instant | undefined;
  readonly to: Temporal.Instant | undefined;
};

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern =
  /^(\d{4}-\d{2}-\d{2})[Tt]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Parses a plain date or an RFC 3339 instant; `undefined` for anything else, including impossible dates and leap
 * seconds. An instant between two microseconds is rounded up, which leaves the same rows on either side.
 */
export function parseBound(text: string): Bound | undefined {
  if (datePattern.test(text)) return parseDate(text);
  const parsed = parseInstant(text);
  return parsed?.hasMore === true ? parsed.instant.add({ microseconds: 1 }) : parsed?.instant;
}

/**
 * Parses an RFC 3339 instant; `undefined` for anything else. An instant between two microseconds is rounded down:
 * nothing is recorded between the two.
 */
export function parseMoment(text: string): Temporal.Instant | undefined {
  return parseInstant(text)?.instant;
}

/** An instant truncated to microseconds, and whether that dropped a remainder. */
function parseInstant(text: string): { instant: Temporal.Instant; hasMore: boolean } | undefined {
  const [, date, time, fraction = "", offset] = instantPattern.exec(text) ?? [];
  if (date === undefined || parseDate(date) === undefined) return undefined;
  const micros = fraction.slice(0, 6).padEnd(6, "0");
  const instant = Temporal.Instant.from(`${date}T${time}.${micros}${offset?.toUpperCase()}`);
  return { instant, hasMore: /[1-9]/.test(fraction.slice(6)) };
}

/** Appended to a message when a plus sign in the URL was not escaped and so arrived as a space. */
export function plusHint(text: string): string {
  return / \d\d:\d\d$/.test(text) ? " (in a URL, + must be written %2B)" : "";
}

/** The instant of a bound in a time zone, or `undefined` when it lies outside the years 0001 to 9999 in UTC. */
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
