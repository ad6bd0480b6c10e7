import type { LedgerSum } from "@takings/domain";
import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { linkEndsOf, linksOf } from "../src/responses/ledger-link.ts";
import { createTextBytes } from "../src/responses/text-bytes.ts";
import { createTotalsWriter } from "../src/responses/total-text.ts";
import { totalsOf } from "../src/responses/total.ts";

const amount = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: -1_500n, max: 1_500n }),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
);
const count = fc.nat({ max: 1_000_000 });
const sums: fc.Arbitrary<LedgerSum[]> = fc.uniqueArray(
  fc.record({
    range: fc.constant(0),
    currency: fc.constantFrom("usd", "jpy", "kwd", "isk", "xxx"),
    gross: amount,
    refunded: amount,
    disputed: amount,
    payments: count,
    refunds: count,
    disputes: count,
  }),
  { selector: ({ currency }) => currency },
);
const filter = fc.record({
  asOf: fc.constant("2024-06-01T00:00:00.123456Z"),
  from: fc.constant(undefined),
  to: fc.constant(undefined),
  currency: fc.constant(undefined),
  livemode: fc.boolean(),
  source: fc.constantFrom("default", "shop", "*"),
  account: fc.constantFrom(null, "acct_1", "*"),
});
const part = { from: "2024-01-01T00:00:00Z", to: "2024-01-02T00:00:00Z" };

describe("the text of a series", () => {
  it("has totals as JSON.stringify writes them, whatever their amounts", () => {
    fc.assert(
      fc.property(filter, fc.array(sums, { maxLength: 3 }), (of, ranges) => {
        const [link, ends] = [linksOf(of), linkEndsOf(of)];
        const write = createTotalsWriter(ends);
        for (const range of ranges) {
          const wanted = totalsOf(range, (currency) => link(currency, part));
          expect(write(range, ends.before(part))).to.equal(JSON.stringify(wanted));
        }
      }),
    );
  });

  it("is the same in bytes, whatever its length was expected to be", () => {
    const anyText = fc.array(fc.string({ unit: "grapheme", maxLength: 50 }));
    fc.assert(
      fc.property(anyText, fc.nat({ max: 100 }), (pieces, expected) => {
        const text = createTextBytes(expected);
        for (const piece of pieces) text.append(piece);
        expect(text.bytes().toString()).to.equal(pieces.join(""));
      }),
    );
  });
});
