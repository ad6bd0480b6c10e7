import { expect } from "chai";
import { describe, it } from "mocha";
import { Temporal } from "temporal-polyfill";
import { bucketOf, cut, type Interval, isTimeZone } from "../src/time/calendar.ts";
import { utcText, zonedTexts } from "../src/time/instant-text.ts";

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

function texts(interval: Interval, zone: string, from: string, to: string): string[] {
  const textOf = zonedTexts(zone);
  return [...cut(interval, zone, at(from), at(to))].map(({ start }) => textOf(start));
}

function lengths(interval: Interval, zone: string, from: string, to: string): number[] {
  return [...cut(interval, zone, at(from), at(to))].map(({ start, end }) =>
    start.until(end).total("minutes"),
  );
}

describe("the calendar", () => {
  it("gives the day of the spring change 23 hours and that of the autumn change 25", () => {
    const spring = lengths("day", "Europe/Berlin", "2024-03-29T23:00:00Z", "2024-04-01T22:00:00Z");
    const autumn = lengths("day", "Europe/Berlin", "2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z");
    expect([spring, autumn]).to.deep.equal([[24 * 60, 23 * 60, 24 * 60], [25 * 60]]);
  });

  it("starts a day whose midnight is skipped at its first instant", () => {
    expect(texts("day", "America/Sao_Paulo", "2018-11-03T03:00:00Z", "2018-11-05T02:00:00Z")).to.deep.equal([
      "2018-11-03T00:00:00-03:00",
      "2018-11-04T01:00:00-02:00",
    ]);
  });

  it("has no bucket for a day that a zone skipped", () => {
    expect(texts("day", "Pacific/Apia", "2011-12-29T10:00:00Z", "2012-01-01T10:00:00Z")).to.deep.equal([
      "2011-12-29T00:00:00-10:00",
      "2011-12-31T00:00:00+14:00",
      "2012-01-01T00:00:00+14:00",
    ]);
  });

  it("cuts hours at the start of the local hour where offsets include 45 minutes", () => {
    expect(texts("hour", "Asia/Kathmandu", "2024-01-01T00:00:00Z", "2024-01-01T01:30:00Z")).to.deep.equal([
      "2024-01-01T05:45:00+05:45",
      "2024-01-01T06:00:00+05:45",
      "2024-01-01T07:00:00+05:45",
    ]);
  });

  it("gives each pass of a repeated hour a separate bucket", () => {
    expect(texts("hour", "Europe/Berlin", "2024-10-27T00:00:00Z", "2024-10-27T02:00:00Z")).to.deep.equal([
      "2024-10-27T02:00:00+02:00",
      "2024-10-27T02:00:00+01:00",
    ]);
  });

  it("splits the hour in which the offset changes by half an hour", () => {
    expect(
      texts("hour", "Australia/Lord_Howe", "2024-04-06T14:00:00Z", "2024-04-06T16:30:00Z"),
    ).to.deep.equal(["2024-04-07T01:00:00+11:00", "2024-04-07T01:30:00+10:30", "2024-04-07T02:00:00+10:30"]);
  });

  it("starts weeks on Monday, quarters in January, April, July and October, and years on January 1", () => {
    const holding = (interval: Interval): string[] => {
      const { start, end } = bucketOf(interval, "UTC", at("2024-05-15T12:00:00Z"));
      return [start.toString().slice(0, 10), end.toString().slice(0, 10)];
    };
    expect([holding("week"), holding("quarter"), holding("year")]).to.deep.equal([
      ["2024-05-13", "2024-05-20"],
      ["2024-04-01", "2024-07-01"],
      ["2024-01-01", "2025-01-01"],
    ]);
  });

  it("writes local mean times, whose offsets include seconds, in UTC", () => {
    expect(zonedTexts("Europe/Berlin")(at("1890-01-01T00:00:00Z"))).to.equal("1890-01-01T00:00:00Z");
  });

  it("formats every instant as Temporal does", () => {
    const zones = [
      "UTC",
      "Europe/Berlin",
      "America/St_Johns",
      "Asia/Kathmandu",
      "Pacific/Apia",
      "Africa/Monrovia",
    ].map((zone) => ({ zone, textOf: zonedTexts(zone) }));
    const [first, last] = [at("0001-01-01T00:00:00Z"), at("9999-12-31T23:59:59.999999Z")];
    const steps = 1_009;
    const step = (last.epochNanoseconds - first.epochNanoseconds) / BigInt(steps) / 1_000_000_000n;
    for (let n = 0n; n < steps; n += 1n) {
      // Whole seconds, and one microsecond later.
      for (const beyond of [0n, 1_000n]) {
        const instant = Temporal.Instant.fromEpochNanoseconds(
          first.epochNanoseconds + n * step * 1_000_000_000n + beyond,
        );
        expect(utcText(instant)).to.equal(instant.toString());
        for (const { zone, textOf } of zones) {
          const zoned = instant.toZonedDateTimeISO(zone);
          const isWholeMinutes = zoned.offsetNanoseconds % 60_000_000_000 === 0;
          const text = isWholeMinutes ? zoned.toString({ timeZoneName: "never" }) : instant.toString();
          expect(textOf(instant)).to.equal(text);
        }
      }
    }
    expect(zonedTexts("America/New_York")(first)).to.equal("0001-01-01T00:00:00Z");
    expect(zonedTexts("Asia/Kathmandu")(last)).to.equal("+010000-01-01T05:44:59.999999+05:45");
    expect(zonedTexts("Asia/Kathmandu")(at("9999-12-31T23:00:00Z"))).to.equal("+010000-01-01T04:45:00+05:45");
  });

  it("accepts time zones only by name", () => {
    const names = ["Europe/Berlin", "UTC", "Etc/GMT+5", "+01:00", "Europe/Nowhere", "", "../etc/passwd", "Z"];
    expect(names.filter(isTimeZone)).to.deep.equal(["Europe/Berlin", "UTC", "Etc/GMT+5"]);
  });
});
