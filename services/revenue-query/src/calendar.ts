import { Temporal } from "temporal-polyfill";

export const intervals = ["hour", "day", "week", "month", "quarter", "year"] as const;
export type Interval = (typeof intervals)[number];

/** A span of time, `start` included and `end` not. */
export type Bucket = { readonly start: Temporal.Instant; readonly end: Temporal.Instant };

/** Whether a name is one of the IANA time zone database. Bare offsets such as `+01:00` are no zones. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+\-/]{0,63}$/.test(name)) return false;
  try {
    Temporal.Now.zonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The first instant of a local day, also where its midnight is skipped; a skipped day begins with the next one. */
export function startOfDay(date: Temporal.PlainDate, zone: string): Temporal.Instant {
  return date.toZonedDateTime({ timeZone: zone }).toInstant();
}

/**
 * Cuts [`from`, `to`) at the zone's own boundaries: contiguous, never empty, first and last clipped to the range.
 * Lazy, so that whoever counts can stop.
 */
export function* cut(
  interval: Interval,
  zone: string,
  from: Temporal.Instant,
  to: Temporal.Instant,
): Generator<Bucket> {
  let start = from;
  for (const boundary of boundaries(interval, zone, from)) {
    if (!isBefore(start, to)) return;
    // A boundary that brings no time between itself and the one before: the day that a zone skipped.
    if (!isBefore(start, boundary)) continue;
    const end = isBefore(boundary, to) ? boundary : to;
    yield { start, end };
    start = end;
  }
}

/** The whole bucket that holds an instant. */
export function bucketOf(interval: Interval, zone: string, instant: Temporal.Instant): Bucket {
  let start = instant;
  for (const boundary of boundaries(interval, zone, instant)) {
    if (isBefore(instant, boundary)) return { start, end: boundary };
    start = boundary;
  }
  throw new Error(`no boundary of ${zone} follows ${instant.toString()}: boundaries() must not end`);
}

/**
 * An instant as RFC 3339 with the zone's offset. RFC 3339 has no seconds in offsets, so local mean times, as
 * zones had before they were standardised, are written in UTC.
 */
export function zonedText(instant: Temporal.Instant, zone: string): string {
  const zoned = instant.toZonedDateTimeISO(zone);
  if (zoned.offsetNanoseconds % minuteNs !== 0) return instant.toString();
  const seconds = secondsText(instant, zoned.offsetNanoseconds / 1_000_000);
  return seconds === undefined ? zoned.toString({ timeZoneName: "never" }) : seconds + zoned.offset;
}

/** An instant as RFC 3339 in UTC. */
export function utcText(instant: Temporal.Instant): string {
  const seconds = secondsText(instant, 0);
  return seconds === undefined ? instant.toString() : `${seconds}Z`;
}

/**
 * Date and time of a whole second at an offset, which `Date` writes in a fifth of Temporal's time: a long series has
 * thousands. `undefined` for fractions, and for years that need a sign.
 */
function secondsText(instant: Temporal.Instant, offsetMs: number): string | undefined {
  if (instant.epochNanoseconds % secondNs !== 0n) return undefined;
  const text = new Date(instant.epochMilliseconds + offsetMs).toISOString();
  return text.length === "2024-01-01T00:00:00.000Z".length ? text.slice(0, -".000Z".length) : undefined;
}

const minuteNs = 60_000_000_000;
const secondNs = 1_000_000_000n;
const hourNs = 3_600_000_000_000n;

/** Endless boundaries in ascending order, the first at or before the instant; skipped days give the same one twice. */
function boundaries(
  interval: Interval,
  zone: string,
  instant: Temporal.Instant,
): Generator<Temporal.Instant> {
  return interval === "hour" ? hours(zone, instant) : dates(interval, zone, instant);
}

function* dates(
  interval: Exclude<Interval, "hour">,
  zone: string,
  instant: Temporal.Instant,
): Generator<Temporal.Instant> {
  let date = firstDate(interval, instant.toZonedDateTimeISO(zone).toPlainDate());
  for (;;) {
    yield startOfDay(date, zone);
    date = date.add(steps[interval]);
  }
}

const steps = {
  day: Temporal.Duration.from({ days: 1 }),
  week: Temporal.Duration.from({ days: 7 }),
  month: Temporal.Duration.from({ months: 1 }),
  quarter: Temporal.Duration.from({ months: 3 }),
  year: Temporal.Duration.from({ years: 1 }),
} as const;

function firstDate(interval: Exclude<Interval, "hour">, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (interval) {
    case "day":
      return date;
    case "week":
      return date.subtract({ days: date.dayOfWeek - 1 });
    case "month":
      return date.with({ day: 1 });
    case "quarter":
      return date.with({ month: date.month - ((date.month - 1) % 3), day: 1 });
    case "year":
      return date.with({ month: 1, day: 1 });
  }
}

/**
 * Tops of the local hour, and every change of the zone's offset between them: so no bucket is longer than an
 * hour, both passes of a repeated hour are their own, and a half-hour shift starts a bucket of its own.
 */
function* hours(zone: string, instant: Temporal.Instant): Generator<Temporal.Instant> {
  // The transition search is strict, and the instant itself may be one.
  const justAfter = instant.add({ nanoseconds: 1 }).toZonedDateTimeISO(zone);
  const lastChange = justAfter.getTimeZoneTransition("previous")?.toInstant();
  let offset = BigInt(instant.toZonedDateTimeISO(zone).offsetNanoseconds);
  let boundary = atNs(instant.epochNanoseconds - intoHour(instant.epochNanoseconds + offset));
  if (lastChange !== undefined && isBefore(boundary, lastChange)) boundary = lastChange;
  let nextChange = changeAfter(boundary, zone);
  for (;;) {
    yield boundary;
    const nextTop = boundary.epochNanoseconds + hourNs - intoHour(boundary.epochNanoseconds + offset);
    if (nextChange !== undefined && nextChange.epochNanoseconds <= nextTop) {
      boundary = nextChange.toInstant();
      offset = BigInt(nextChange.offsetNanoseconds);
      nextChange = changeAfter(boundary, zone);
    } else {
      boundary = atNs(nextTop);
    }
  }
}

function changeAfter(instant: Temporal.Instant, zone: string): Temporal.ZonedDateTime | undefined {
  return instant.toZonedDateTimeISO(zone).getTimeZoneTransition("next") ?? undefined;
}

/** How far into its hour a local time is; `%` alone would be negative before 1970. */
function intoHour(localNs: bigint): bigint {
  return ((localNs % hourNs) + hourNs) % hourNs;
}

function atNs(epochNanoseconds: bigint): Temporal.Instant {
  return Temporal.Instant.fromEpochNanoseconds(epochNanoseconds);
}

function isBefore(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) < 0;
}
