import { Temporal } from "temporal-polyfill";

/** The lengths of a bucket. */
export const intervals = ["hour", "day", "week", "month", "quarter", "year"] as const;
/** The length of a bucket. */
export type Interval = (typeof intervals)[number];

/** A half-open span of time: `start` is included, `end` is not. */
export type Bucket = { readonly start: Temporal.Instant; readonly end: Temporal.Instant };

/** Whether a name is in the IANA time zone database. Bare offsets such as `+01:00` are not time zones. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+\-/]{0,63}$/.test(name)) return false;
  try {
    Temporal.Now.zonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The first instant of a local day, even where its midnight is skipped. A skipped day starts with the next one. */
export function startOfDay(date: Temporal.PlainDate, zone: string): Temporal.Instant {
  return date.toZonedDateTime({ timeZone: zone }).toInstant();
}

/**
 * Cuts [`from`, `to`) at the zone's boundaries into contiguous, non-empty buckets; the first and last are clipped to
 * the range. Lazy, so that a caller can stop early.
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
    // No time lies between this boundary and the one before: the zone skipped that day.
    if (!isBefore(start, boundary)) continue;
    const end = isBefore(boundary, to) ? boundary : to;
    yield { start, end };
    start = end;
  }
}

/** The whole bucket that contains an instant. */
export function bucketOf(interval: Interval, zone: string, instant: Temporal.Instant): Bucket {
  let start = instant;
  for (const boundary of boundaries(interval, zone, instant)) {
    if (isBefore(instant, boundary)) return { start, end: boundary };
    start = boundary;
  }
  throw new Error(`no boundary of ${zone} follows ${instant.toString()}: boundaries() must not end`);
}

const hourNs = 3_600_000_000_000n;
const dayNs = 24n * hourNs;
const midnight = Temporal.PlainTime.from("00:00");

/** Infinite ascending boundaries, the first at or before the instant. A skipped day yields the same boundary twice. */
function boundaries(
  interval: Interval,
  zone: string,
  instant: Temporal.Instant,
): Generator<Temporal.Instant> {
  if (interval === "hour") return hours(zone, instant);
  return interval === "day" ? days(zone, instant) : dates(interval, zone, instant);
}

/**
 * The start of each local day. Between changes of the zone's offset they are 24 hours apart, so only the days around a
 * change are looked up in the zone's rules.
 */
function* days(zone: string, instant: Temporal.Instant): Generator<Temporal.Instant> {
  let start = startOfDay(instant.toZonedDateTimeISO(zone).toPlainDate(), zone);
  let change = changeAfter(start, zone);
  let isMidnight = startsAtMidnight(start, zone);
  for (;;) {
    yield start;
    const next = start.epochNanoseconds + dayNs;
    if (isMidnight && (change === undefined || next < change.epochNanoseconds)) {
      start = atNs(next);
    } else {
      start = startOfDay(start.toZonedDateTimeISO(zone).toPlainDate().add(steps.day), zone);
      change = changeAfter(start, zone);
      isMidnight = startsAtMidnight(start, zone);
    }
  }
}

/** Whether a day starts at 00:00, which a change of the offset may skip. */
function startsAtMidnight(start: Temporal.Instant, zone: string): boolean {
  return start.toZonedDateTimeISO(zone).toPlainTime().equals(midnight);
}

function* dates(
  interval: Exclude<Interval, "hour" | "day">,
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

function firstDate(
  interval: Exclude<Interval, "hour" | "day">,
  date: Temporal.PlainDate,
): Temporal.PlainDate {
  switch (interval) {
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
 * The start of each local hour, and every change of the zone's offset in between. So no bucket is longer than an
 * hour, each pass of a repeated hour is a separate bucket, and a half-hour shift starts a new bucket.
 */
function* hours(zone: string, instant: Temporal.Instant): Generator<Temporal.Instant> {
  // The search excludes its starting point, and the instant itself may be a transition.
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

/** Nanoseconds since the start of the local hour. `%` alone would be negative before 1970. */
function intoHour(localNs: bigint): bigint {
  return ((localNs % hourNs) + hourNs) % hourNs;
}

function atNs(epochNanoseconds: bigint): Temporal.Instant {
  return Temporal.Instant.fromEpochNanoseconds(epochNanoseconds);
}

function isBefore(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) < 0;
}
