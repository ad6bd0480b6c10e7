export type Interval = "hour" | "day" | "week" | "month" | "quarter" | "year";

const dayMs = 86_400_000;

/** Names the local hour, day, week, … that a moment (in milliseconds) lies in, by the clock on the wall alone. */
export type Calendar = (moment: number) => string;

/**
 * A calendar of a zone. An hour that the clock repeats has two names, because its offset differs.
 * Throws a RangeError for a zone that is not known.
 */
export function createCalendar(interval: Interval, timeZone: string): Calendar {
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    timeZoneName: "longOffset",
  });
  return (moment) => {
    const parts = new Map(clock.formatToParts(moment).map(({ type, value }) => [type, value]));
    const part: Part = (type) => Number(parts.get(type));
    return names[interval](part, parts.get("timeZoneName") ?? "");
  };
}

/** Tells a zone's offset at a moment, in minutes east of Greenwich. */
export function createOffsets(timeZone: string): (moment: number) => number {
  const clock = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (moment) => {
    const name = clock.formatToParts(moment).find(({ type }) => type === "timeZoneName")?.value ?? "";
    return minutesOf(/^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name));
  };
}

/** The offset at the end of an RFC 3339 text, in minutes east of Greenwich. */
export function writtenOffset(text: string): number {
  return minutesOf(/(?:Z|([+-])(\d\d):(\d\d))$/.exec(text));
}

function minutesOf(match: RegExpExecArray | null): number {
  const [, sign, hours = 0, minutes = 0] = match ?? [];
  return match === null ? Number.NaN : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

type Part = (type: Intl.DateTimeFormatPartTypes) => number;

const names: { readonly [interval in Interval]: (part: Part, offset: string) => string } = {
  hour: (part, offset) => `${names.day(part, offset)} ${part("hour")} ${offset}`,
  day: (part) => `${part("year")}-${part("month")}-${part("day")}`,
  week: (part) => `week ${Math.floor((dayNumber(part) + daysFromMondayToEpoch) / 7)}`,
  month: (part) => `${part("year")}-${part("month")}`,
  quarter: (part) => `${part("year")} Q${Math.ceil(part("month") / 3)}`,
  year: (part) => `${part("year")}`,
};

/** 1970 began on a Thursday. */
const daysFromMondayToEpoch = 3;

function dayNumber(part: Part): number {
  return Date.UTC(part("year"), part("month") - 1, part("day")) / dayMs;
}
