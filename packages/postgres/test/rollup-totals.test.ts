import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { addTotals, isZero, parseRollupTotals, type RollupTotals } from "../src/rollup/rollup-totals.ts";

const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const count = fc.integer({ min: -1_000_000, max: 1_000_000 });
const taken = fc.record(
  { gross: amount, refunded: amount, disputed: amount, payments: count, refunds: count, disputes: count },
  { noNullPrototype: true },
);
const totals: fc.Arbitrary<RollupTotals> = fc
  .uniqueArray(fc.tuple(fc.constantFrom("eur", "jpy", "kwd", "usd"), taken), {
    selector: ([currency]) => currency,
  })
  .map((entries) => new Map(entries));

/** Formats an array of composites as PostgreSQL does. */
function written(of: RollupTotals): string {
  const elements = [...of].map(
    ([currency, { gross, refunded, disputed, payments, refunds, disputes }]) =>
      `"(${[currency, gross, refunded, disputed, payments, refunds, disputes].join(",")})"`,
  );
  return `{${elements.join(",")}}`;
}

describe("totals of the rollup", () => {
  it("are parsed as PostgreSQL writes them, however large the sums", () => {
    fc.assert(
      fc.property(totals, (of) => {
        expect(written(parseRollupTotals(written(of), undefined))).to.equal(written(of));
      }),
    );
  });

  it("are parsed for one currency, if they contain it", () => {
    fc.assert(
      fc.property(totals, fc.constantFrom("eur", "usd", "sek"), (of, only) => {
        const wanted = new Map([...of].filter(([currency]) => currency === only));
        expect(written(parseRollupTotals(written(of), only))).to.equal(written(wanted));
      }),
    );
  });

  it("are refused when a part of them cannot be parsed", () => {
    const good = '"(usd,1,0,0,1,0,0)"';
    for (const text of [
      "",
      "{",
      `{${good}`,
      `{${good},"(eur,1.5,0,0,1,0,0)"}`,
      `{${good},NULL}`,
      `${good}}`,
    ]) {
      expect(() => parseRollupTotals(text, undefined), text).to.throw("cannot parse totals of the rollup");
    }
    expect(() => parseRollupTotals('{"(usd,1,0,0,1,0)"}', "usd")).to.throw(
      "cannot parse totals of the rollup",
    );
  });

  it("minus a part of them are the rest", () => {
    fc.assert(
      fc.property(totals, totals, (part, rest) => {
        const left = addTotals(addTotals(part, rest, 1), part, -1);
        for (const [currency, some] of left) {
          if (rest.has(currency)) expect(some).to.deep.equal(rest.get(currency));
          else expect(isZero(some)).to.equal(true);
        }
      }),
    );
  });
});
