import { difference, mismatches, noTotals } from "@takings/simulator";
import { expect } from "chai";
import { describe, it } from "mocha";
import { majorUnits, revenueTable } from "../src/revenue-table.ts";

const usd = (gross: bigint) => new Map([["usd", { ...noTotals(), gross, payments: 1 }]]);

describe("The demo's revenue", () => {
  it("is shown exactly, whatever the number of decimals", () => {
    expect(majorUnits(123_456n, 2)).to.equal("1,234.56");
    expect(majorUnits(1_234_567n, 0)).to.equal("1,234,567");
    expect(majorUnits(12_340n, 3)).to.equal("12.340");
    expect(majorUnits(-5n, 2)).to.equal("-0.05");
    expect(majorUnits(9_007_199_254_740_993_00n, 2)).to.equal("9,007,199,254,740,993.00");
  });

  it("is what was added to the ledger", () => {
    const more = difference(usd(900n), new Map([["usd", { ...noTotals(), gross: 400n }]]));
    expect(more).to.deep.equal(usd(500n));
  });

  it("leaves out currencies in which nothing happened", () => {
    expect(difference(usd(900n), usd(900n)).size).to.equal(0);
  });

  it("is wrong when it is off by one in any currency", () => {
    expect(mismatches(usd(900n), usd(900n))).to.deep.equal([]);
    expect(mismatches(usd(901n), usd(900n))).to.deep.equal(["usd"]);
    expect(mismatches(new Map(), usd(900n))).to.deep.equal(["usd"]);
    expect(mismatches(usd(900n), new Map())).to.deep.equal(["usd"]);
  });

  it("is a table with a row for each currency", () => {
    const lines = revenueTable(usd(123_456n), new Map([["usd", 2]])).split("\n");
    expect(lines.filter((line) => line.includes("USD"))).to.have.length(1);
    expect(lines.join()).to.contain("1,234.56");
  });
});
