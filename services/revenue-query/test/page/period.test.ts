import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { Temporal } from "temporal-polyfill";
import { createFormats } from "../../src/page/format/formats.ts";
import { createIntlFormats } from "../../src/page/format/intl-formats.ts";
import { percentText } from "../../src/page/overview/change-text.ts";
import { defaultInterval } from "../../src/page/overview/interval.ts";
import {
  boundText,
  elapsedPart,
  neighbour,
  type Period,
  periodName,
} from "../../src/page/overview/period.ts";
import { parseBound, resolveBound } from "../../src/parameters/range.ts";

const berlin = "Europe/Berlin";

function at(text: string, zone = berlin): Temporal.Instant {
  const bound = parseBound(text);
  const instant = bound && resolveBound(bound, zone);
  if (instant === undefined) throw new Error(`not a bound: ${text}`);
  return instant;
}

const period = (from: string, to: string, zone = berlin): Period => ({
  from: at(from, zone),
  to: at(to, zone),
});

const shown = (given: Period | undefined, zone = berlin): string | undefined =>
  given && `${boundText(given.from, zone)} ${boundText(given.to, zone)}`;

describe("the period before", () => {
  for (const [from, to, before, after] of [
    ["2024-03-01", "2024-04-01", "2024-02-01 2024-03-01", "2024-04-01 2024-05-01"],
    ["2024-01-01", "2024-04-01", "2023-10-01 2024-01-01", "2024-04-01 2024-07-01"],
    ["2024-01-01", "2025-01-01", "2023-01-01 2024-01-01", "2025-01-01 2026-01-01"],
    ["2024-03-25", "2024-04-01", "2024-03-18 2024-03-25", "2024-04-01 2024-04-08"],
    ["2024-03-31", "2024-04-01", "2024-03-30 2024-03-31", "2024-04-01 2024-04-02"],
    [
      "2024-03-31T10:00:00Z",
      "2024-03-31T12:30:00Z",
      "2024-03-31T07:30:00Z 2024-03-31T10:00:00Z",
      "2024-03-31T12:30:00Z 2024-03-31T15:00:00Z",
    ],
  ] as const) {
    it(`and after ${from} to ${to} have its length by the calendar`, () => {
      const given = period(from, to);
      expect([shown(neighbour(given, -1, berlin)), shown(neighbour(given, 1, berlin))]).to.deep.equal([
        before,
        after,
      ]);
    });
  }

  it("is none where it would begin before the year 1", () => {
    expect(neighbour(period("0001-01-01", "0001-02-01", "UTC"), -1, "UTC")).to.equal(undefined);
    expect(neighbour(period("9999-12-01", "9999-12-31", "UTC"), 1, "UTC")).to.equal(undefined);
  });

  it("adjoins the period, in any zone", () => {
    const day = fc.date({ min: new Date("1950-01-01Z"), max: new Date("2100-01-01Z"), noInvalidDate: true });
    const zone = fc.constantFrom("UTC", berlin, "America/New_York", "Pacific/Apia", "Australia/Lord_Howe");
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 400 }), zone, (start, days, name) => {
        const from = Temporal.PlainDate.from(start.toISOString().slice(0, 10));
        const given = period(from.toString(), from.add({ days }).toString(), name);
        // A day that the zone skipped has no length.
        fc.pre(Temporal.Instant.compare(given.from, given.to) < 0);
        expect(neighbour(given, -1, name)?.to.equals(given.from)).to.equal(true);
        expect(neighbour(given, 1, name)?.from.equals(given.to)).to.equal(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("the elapsed part of the period before", () => {
  for (const [from, to, now, part] of [
    ["2024-03-01", "2024-04-01", "2024-05-01", "2024-02-01 2024-03-01"],
    ["2024-03-01", "2024-04-01", "2024-03-15T12:00:00+01:00", "2024-02-01 2024-02-15T11:00:00Z"],
    ["2024-03-01", "2024-04-01", "2024-03-31T22:00:00+02:00", "2024-02-01 2024-03-01"],
    ["2024-10-01", "2025-01-01", "2024-11-15", "2024-07-01 2024-08-15"],
    ["2024-03-25", "2024-04-01", "2024-03-27", "2024-03-18 2024-03-20"],
    [
      "2024-03-31T10:00:00Z",
      "2024-03-31T12:00:00Z",
      "2024-03-31T10:30:00Z",
      "2024-03-31T08:00:00Z 2024-03-31T08:30:00Z",
    ],
  ] as const) {
    it(`of ${from} to ${to} at ${now} is ${part}`, () => {
      const given = period(from, to);
      const before = neighbour(given, -1, berlin);
      expect(before && shown(elapsedPart(before, given, at(now), berlin))).to.equal(part);
    });
  }
});

describe("a period in words", () => {
  for (const [from, to, name] of [
    ["2024-03-01", "2024-04-01", "March 2024"],
    ["2024-04-01", "2024-07-01", "2024-Q2"],
    ["2024-05-01", "2024-08-01", "2024-05-01 to 2024-07-31"],
    ["2024-01-01", "2025-01-01", "2024"],
    ["2024-03-31", "2024-04-01", "2024-03-31"],
    ["2024-03-25", "2024-04-01", "2024-03-25 to 2024-03-31"],
    ["2024-03-25T01:00:00Z", "2024-04-01", undefined],
  ] as const) {
    it(`from ${from} to ${to} is ${name}`, () => {
      expect(periodName(period(from, to), berlin)).to.equal(name);
    });
  }
});

describe("the default interval", () => {
  const now = at("2024-12-01");
  for (const [from, to, interval] of [
    ["2024-03-30", "2024-04-01", "hour"],
    ["2024-03-30", "2024-04-02", "day"],
    ["2024-01-01", "2024-04-01", "day"],
    ["2024-01-01", "2024-05-01", "month"],
    ["2023-01-01", "2025-01-01", "month"],
    ["2019-01-01", "2025-01-01", "quarter"],
    ["2001-01-01", "2025-01-01", "year"],
  ] as const) {
    it(`of ${from} to ${to} is ${interval}`, () => {
      expect(defaultInterval(period(from, to), now)).to.equal(interval);
    });
  }
});

describe("a change in percent", () => {
  const formats = createFormats("en-GB", createIntlFormats());
  for (const [now, before, text] of [
    [150n, 100n, "+50%"],
    [100n, 150n, "-33.3%"],
    [100n, 100n, "0%"],
    [100n, 0n, undefined],
    [100n, -50n, "+300%"],
    [-100n, -50n, "-100%"],
    [10n ** 30n + 10n ** 27n, 10n ** 30n, "+0.1%"],
    [10_004n, 10_000n, "0%"],
    [10_005n, 10_000n, "+0.1%"],
  ] as const) {
    it(`from ${before} to ${now} is ${text}`, () => {
      expect(percentText(now, before, formats)).to.equal(text);
    });
  }
});
