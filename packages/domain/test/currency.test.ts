import { exponentOf, toMajor } from "@takings/domain";
import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";

const exponents: readonly (readonly [currency: string, exponent: number])[] = [
  ["usd", 2],
  ["eur", 2],
  ["isk", 2],
  ["ugx", 2],
  ["huf", 2],
  ["twd", 2],
  ["idr", 2],
  ["cop", 2],
  ["zzz", 2],
  ["jpy", 0],
  ["krw", 0],
  ["vnd", 0],
  ["clp", 0],
  ["mga", 0],
  ["bhd", 3],
  ["jod", 3],
  ["kwd", 3],
  ["omr", 3],
  ["tnd", 3],
];

describe("The exponent of a currency", () => {
  for (const [currency, exponent] of exponents) {
    it(`is ${exponent} for ${currency}`, () => {
      expect(exponentOf(currency)).to.equal(exponent);
    });
  }
});

describe("An amount in major units", () => {
  const written: readonly (readonly [minor: bigint, exponent: number, major: string])[] = [
    [1_250_000n, 2, "12500.00"],
    [5n, 2, "0.05"],
    [-5n, 2, "-0.05"],
    [0n, 2, "0.00"],
    [5_120n, 3, "5.120"],
    [-1n, 3, "-0.001"],
    [500n, 0, "500"],
    [-500n, 0, "-500"],
    [9_007_199_254_740_993n, 2, "90071992547409.93"],
  ];
  for (const [minor, exponent, major] of written) {
    it(`writes ${minor} with ${exponent} decimals as ${major}`, () => {
      expect(toMajor(minor, exponent)).to.equal(major);
    });
  }

  it("has exactly the digits of the minor units, whatever their size", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.constantFrom(0, 2, 3), (minor, exponent) => {
        const major = toMajor(minor, exponent);
        expect(BigInt(major.replace(".", ""))).to.equal(minor);
        expect(major.split(".")[1]?.length ?? 0).to.equal(exponent);
      }),
    );
  });
});
