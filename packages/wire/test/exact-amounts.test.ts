import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { decoded, succeededIntent } from "./bodies.ts";

function amountOf(body: string): bigint | undefined {
  const { subject } = decoded(body);
  return subject.object === "payment_intent" ? subject.paymentIntent.amountReceived : undefined;
}

describe("Amounts", () => {
  it("beyond 2^53 are exact", () => {
    expect(amountOf(succeededIntent("9007199254740993"))).to.equal(9_007_199_254_740_993n);
  });

  it("are exact up to the largest that the database holds", () => {
    expect(amountOf(succeededIntent("9223372036854775807"))).to.equal(2n ** 63n - 1n);
  });

  const refused = [
    ["larger than the database holds", "9223372036854775808"],
    ["below zero", "-1"],
    ["with a fraction", "10.5"],
    ["whose fraction a double would round away", "1.0000000000000000001"],
    ["whose fraction a double would round up", "9007199254740990.7"],
    ["written as text", '"1000"'],
    ["absent", "null"],
    ["in a list", "[5]"],
  ] as const;
  for (const [which, written] of refused) {
    it(`${which} are not amounts`, () => {
      expect(amountOf(succeededIntent(written))).to.equal(undefined);
    });
  }

  it("are exact anywhere in the body, whatever their size", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (amount) => {
        expect(amountOf(succeededIntent(String(amount)))).to.equal(amount);
      }),
    );
  });
});

describe("Content other than amounts", () => {
  const strange: readonly (readonly [what: string, written: string])[] = [
    ["NUL", '"\\u0000"'],
    ["half a surrogate pair", '"\\ud800"'],
    ["a member called __proto__", '{"__proto__":{"amount_received":1}}'],
    ["a number that no double can hold", "1e400"],
    ["an amount of its own", '{"amount_received":-1}'],
  ];
  for (const [what, written] of strange) {
    it(`may contain ${what} without affecting the amount`, () => {
      expect(amountOf(succeededIntent("1234", `,"metadata":${written}`))).to.equal(1234n);
    });
  }

  it("may be of any kind", () => {
    fc.assert(
      fc.property(fc.json(), (metadata) => {
        expect(amountOf(succeededIntent("1234", `,"metadata":${metadata}`))).to.equal(1234n);
      }),
    );
  });
});
