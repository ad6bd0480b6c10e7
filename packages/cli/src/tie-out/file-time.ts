import { Temporal } from "temporal-polyfill";

/** A time as a file writes it: a wall clock reading to the day, the minute or the second. */
export type FileTime = {
  /** Seconds from 1970-01-01 00:00:00 to this reading, on the same clock. */
  readonly reading: number;
  /** Its precision in seconds. */
  readonly step: 1 | 60 | 86_400;
  /** What is written between date and time, and after the time. */
  readonly separator: string;
  readonly suffix: string;
};

/** The clock of a time zone: converts between seconds since 1970 and readings. */
export type Clock = {
  /** What the clock shows at an instant. */
  readingAt(seconds: number): number;
  /** The first and the last instant at which the clock shows a reading; the same but when it is set back. */
  instantsOf(reading: number): { readonly first: number; readonly last: number };
};

/** `2026-10-01`, `2026-10-01 09:30`, `2026-10-01 09:30:05`, also with `T`, and with `Z` or `UTC` behind it. */
const pattern = /^(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d)(:\d\d)?(?:\.0+)?(Z| ?UTC)?)?$/;

/** Parses a time of a report; `undefined` for anything else. */
export function parseFileTime(text: string): FileTime | undefined {
  const [, date, separator = " ", minutes = "00:00", seconds, suffix = ""] = pattern.exec(text) ?? [];
  if (date === undefined) return undefined;
  const iso = `${date}T${minutes}${seconds ?? ":00"}Z`;
  const reading = Date.parse(iso) / 1_000;
  // An impossible date is rejected here, or moved to the next month by the parser.
  if (Number.isNaN(reading) || isoOf(reading) !== iso) return undefined;
  const step = text.length === date.length ? 86_400 : seconds === undefined ? 60 : 1;
  return { reading, step, separator, suffix };
}

/** Writes a reading in the form of a time of a file. */
export function writeFileTime(
  reading: number,
  { step, separator, suffix }: Omit<FileTime, "reading">,
): string {
  const iso = isoOf(reading);
  if (step === 86_400) return iso.slice(0, 10);
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, step === 60 ? 16 : 19)}${suffix}`;
}

/** Whether a clock shows this time, at the file's precision. */
export function isSameReading(reading: number, time: FileTime): boolean {
  return Math.floor(reading / time.step) * time.step === time.reading;
}

/** The clock of UTC. */
export const utcClock: Clock = {
  readingAt: (seconds) => seconds,
  instantsOf: (reading) => ({ first: reading, last: reading }),
};

/** The clock of a time zone of the IANA database. @throws RangeError when there is no such zone. */
export function createClock(timeZone: string): Clock {
  if (timeZone === "UTC") return utcClock;
  Temporal.Now.zonedDateTimeISO(timeZone);
  // Offsets change at whole quarters of an hour since 1972, so one calculation serves each quarter.
  const offsets = new Map<number, number>();
  const offsetAt = (seconds: number): number => {
    const quarter = Math.floor(seconds / 900);
    const known = offsets.get(quarter);
    if (known !== undefined) return known;
    const instant = Temporal.Instant.fromEpochMilliseconds(seconds * 1_000);
    const offset = instant.toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e9;
    offsets.set(quarter, offset);
    return offset;
  };
  const instantOf = (reading: number, disambiguation: "earlier" | "later"): number => {
    const local = Temporal.PlainDateTime.from(isoOf(reading).slice(0, 19));
    return local.toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds / 1_000;
  };
  return {
    readingAt: (seconds) => seconds + offsetAt(seconds),
    instantsOf: (reading) => ({ first: instantOf(reading, "earlier"), last: instantOf(reading, "later") }),
  };
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
}
