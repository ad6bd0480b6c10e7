import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { Temporal } from "temporal-polyfill";
import { type Bucket, cut, type Interval, intervals } from "../src/time/calendar.ts";

const zones = [
  "Africa/Casablanca",
  "Africa/Monrovia",
  "America/New_York",
  "America/Sao_Paulo",
  "America/St_Johns",
  "America/Toronto",
  "Antarctica/Troll",
  "Asia/Gaza",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Australia/Lord_Howe",
  "Europe/Dublin",
  "Europe/London",
  "Pacific/Apia",
  "Pacific/Chatham",
  "UTC",
];

/** The longest range per interval that keeps the number of buckets of one run small. */
const spanHours = {
  hour: 24 * 40,
  day: 24 * 400,
  week: 24 * 2_000,
  month: 24 * 5_000,
  quarter: 24 * 9_000,
  year: 24 * 20_000,
};

const bucketQuery = fc
  .record({
    interval: fc.constantFrom(...intervals),
    zone: fc.oneof(fc.constantFrom(...zones), fc.constantFrom(...Intl.supportedValuesOf("timeZone"))),
    startMs: fc.integer({ min: Date.UTC(1900), max: Date.UTC(2040) }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ interval, zone, startMs, part }) => {
    const from = Temporal.Instant.fromEpochMilliseconds(startMs);
    const to = from.add({ milliseconds: Math.floor(part * spanHours[interval] * 3_600_000) });
    return { interval, zone, from, to, buckets: [...cut(interval, zone, from, to)] };
  });

function assertForAll(
  check: (query: { zone: string; interval: Interval; buckets: readonly Bucket[] }) => void,
): void {
  fc.assert(fc.property(bucketQuery, check), { numRuns: 150 });
}

describe("buckets of any range in any time zone", () => {
  it("are contiguous, ascending and cover the range exactly", () => {
    fc.assert(
      fc.property(bucketQuery, ({ from, to, buckets }) => {
        const edges = [from, ...buckets.map(({ end }) => end)].map((edge) => edge.epochNanoseconds);
        expect(buckets.map(({ start }) => start.epochNanoseconds)).to.deep.equal(
          edges.slice(0, buckets.length),
        );
        expect(edges.at(-1)).to.equal(to.epochNanoseconds);
        expect(edges.every((edge, index) => index === 0 || edge > (edges[index - 1] ?? edge))).to.equal(true);
      }),
      { numRuns: 150 },
    );
  });

  it("are at most one hour long and lie within one local hour, for the interval hour", () => {
    assertForAll(({ zone, interval, buckets }) => {
      if (interval !== "hour") return;
      for (const { start, end } of buckets) {
        expect(start.until(end).total("hours")).to.be.at.most(1);
        const [first, last] = localEnds({ start, end }, zone);
        expect([first.hour, first.offset]).to.deep.equal([last.hour, last.offset]);
      }
    });
  });

  it("start each whole bucket on the first local day of its period", () => {
    assertForAll(({ zone, interval, buckets }) => {
      if (interval === "hour") return;
      // The first bucket is clipped to the start of the range.
      for (const { start } of buckets.slice(1)) {
        const local = start.toZonedDateTimeISO(zone);
        const isFirstInstant = local.startOfDay().epochNanoseconds === local.epochNanoseconds;
        expect(isFirstInstant, local.toString()).to.equal(true);
        const yesterday = local.toPlainDate().subtract({ days: 1 });
        expect(period(interval, local.toPlainDate())).to.not.equal(
          period(interval, yesterday.subtract({ days: 1 })),
        );
      }
    });
  });

  it("contain one local period each, except for minutes that are repeated around midnight", () => {
    assertForAll(({ zone, interval, buckets }) => {
      if (interval === "hour") return;
      for (const bucket of buckets) {
        const [first, last] = localEnds(bucket, zone);
        if (hasSecondMidnight(first) || hasSecondMidnight(last)) continue;
        expect(period(interval, first.toPlainDate())).to.equal(period(interval, last.toPlainDate()));
      }
    });
  });
});

function localEnds({ start, end }: Bucket, zone: string): [Temporal.ZonedDateTime, Temporal.ZonedDateTime] {
  return [start.toZonedDateTimeISO(zone), end.subtract({ nanoseconds: 1 }).toZonedDateTimeISO(zone)];
}

/** Whether a clock was set back across midnight within a day of this time, so that a day begins twice. */
function hasSecondMidnight(local: Temporal.ZonedDateTime): boolean {
  const change = local.subtract({ hours: 49 }).getTimeZoneTransition("next");
  if (change === null || local.until(change).total("hours") > 49) return false;
  const before = change.subtract({ nanoseconds: 1 });
  return Temporal.PlainDate.compare(change.toPlainDate(), before.toPlainDate()) < 0;
}

function period(interval: Exclude<Interval, "hour">, date: Temporal.PlainDate): string {
  switch (interval) {
    case "day":
      return date.toString();
    case "week":
      return `${date.yearOfWeek}-W${date.weekOfYear}`;
    case "month":
      return date.toPlainYearMonth().toString();
    case "quarter":
      return `${date.year}-Q${Math.ceil(date.month / 3)}`;
    case "year":
      return String(date.year);
  }
}
