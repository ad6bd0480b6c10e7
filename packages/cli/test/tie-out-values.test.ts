import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { minorOf, parseDecimal, writeDecimal } from "../src/tie-out/decimal.ts";
import { createClock, isSameReading, parseFileTime, writeFileTime } from "../src/tie-out/file-time.ts";
import { createIdSet } from "../src/tie-out/id-set.ts";

describe("amounts of reports", () => {
  it("are written and read without a loss, with any number of decimals", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
        fc.nat(3),
        fc.nat(6),
        (minor, exponent, decimals) => {
          const text = writeDecimal(minor, exponent, decimals);
          const read = parseDecimal(text);
          expect(read === undefined ? undefined : minorOf(read, exponent)).to.equal(minor);
        },
      ),
    );
  });

  it("are whole numbers of minor units", () => {
    const minor = (text: string, exponent: number): bigint | undefined => {
      const read = parseDecimal(text);
      return read === undefined ? undefined : minorOf(read, exponent);
    };
    expect(minor("12.3", 2)).to.equal(1230n);
    expect(minor("-0.05", 2)).to.equal(-5n);
    expect(minor("500.00", 0)).to.equal(500n);
    expect(minor("0.005", 2)).to.equal(undefined);
  });

  it("have a decimal point and nothing else", () => {
    for (const text of ["12,30", "1,234.50", "1.234,50", "$5", "5 ", "+5", "1e3", ".5", "5.", "", "--5", "٥"])
      expect(parseDecimal(text), text).to.equal(undefined);
  });
});

describe("times of reports", () => {
  it("are compared at their own precision", () => {
    const seconds = Date.parse("2026-10-01T09:30:59Z") / 1_000;
    for (const text of ["2026-10-01", "2026-10-01 09:30", "2026-10-01 09:30:59", "2026-10-01T09:30:59Z"]) {
      const time = parseFileTime(text);
      expect(time !== undefined && isSameReading(seconds, time), text).to.equal(true);
      expect(time !== undefined && isSameReading(seconds + 86_400, time), text).to.equal(false);
      expect(time === undefined ? undefined : writeFileTime(seconds, time)).to.equal(text);
    }
  });

  it("are dates that exist", () => {
    for (const text of [
      "2026-02-30",
      "2026-13-01",
      "2026-10-01 24:00",
      "1/2/2026",
      "2026-10-01 9:30",
      "yesterday",
    ])
      expect(parseFileTime(text), text).to.equal(undefined);
  });

  it("follow the clock of their zone", () => {
    const { readingAt, instantsOf } = createClock("Europe/Berlin");
    const at = (text: string): number => Date.parse(text) / 1_000;
    expect(readingAt(at("2026-10-25T00:59:59Z"))).to.equal(at("2026-10-25T02:59:59Z"));
    expect(readingAt(at("2026-10-25T01:00:00Z"))).to.equal(at("2026-10-25T02:00:00Z"));
    expect(instantsOf(at("2026-10-25T02:30:00Z"))).to.deep.equal({
      first: at("2026-10-25T00:30:00Z"),
      last: at("2026-10-25T01:30:00Z"),
    });
    expect(() => createClock("Mars/Olympus")).to.throw(RangeError);
  });
});

describe("a set of ids", () => {
  it("contains what was added and nothing else", () => {
    const ids = createIdSet();
    for (let n = 0; n < 5_000; n += 1) expect(ids.add(`txn_${n}`)).to.equal(true);
    for (let n = 0; n < 5_000; n += 1) expect(ids.add(`txn_${n}`)).to.equal(false);
    expect(ids.size).to.equal(5_000);
    for (let n = 5_000; n < 10_000; n += 1) expect(ids.has(`txn_${n}`)).to.equal(false);
  });
});
