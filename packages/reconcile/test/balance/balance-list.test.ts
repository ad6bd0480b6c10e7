import { expect } from "chai";
import { describe, it } from "mocha";
import { parseBalanceList } from "../../src/balance/balance-list.ts";

const one = { id: "txn_1", object: "balance_transaction", created: 1 };
const page = (data: unknown, hasMore: unknown = false): unknown => ({
  object: "list",
  data,
  has_more: hasMore,
});
const parse = (response: unknown): ReturnType<typeof parseBalanceList> =>
  parseBalanceList("balance_transaction", response);

const refused: Readonly<Record<string, readonly [response: unknown, error: RegExp]>> = {
  "is not a list": [one, /malformed at object/],
  "is not JSON": [undefined, /malformed at its top level/],
  "has no items": [page(null), /malformed at data/],
  "does not say whether more follows": [{ data: [one] }, /malformed at has_more/],
  "has objects of another kind": [page([{ ...one, object: "charge" }]), /malformed at data\.0\.object/],
  "has an item that is no object": [page([one, "txn_2"]), /malformed at data\.1/],
  "is empty although more should follow": [page([], true), /without any id although more should follow/],
  "has no id from which to go on": [page([{ ...one, id: null }], true), /without any id/],
};

describe("a page of balance transactions that", () => {
  for (const [what, [response, error]] of Object.entries(refused)) {
    it(`${what} is refused, and nothing counts as complete`, () => {
      expect(() => parse(response))
        .to.throw(error)
        .and.have.property("code", "invalid");
      expect(() => parse(response)).to.throw(/nothing is recorded as complete/);
    });
  }

  it("has an object without an id keeps it, and goes on after the last one that has an id", () => {
    const { items, next } = parse(page([one, { ...one, id: 7 }, { object: "balance_transaction" }], true));
    expect(next).to.equal("txn_1");
    expect(items.map(({ id, created }) => ({ id, created }))).to.deep.equal([
      { id: "txn_1", created: 1 },
      { id: undefined, created: 1 },
      { id: undefined, created: undefined },
    ]);
  });
});
