import type { EventFacts, ShownObject } from "@takings/domain";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { decodeFacts, encodeFacts, isSameFacts, objectOfFacts } from "../src/columns/facts-column.ts";
import { type TestStore, createTestStore } from "./test-store.ts";

const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
const amount = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const signed = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n });
const id = fc.stringMatching(/^[^\s\p{C}]{1,20}$/u);
const word = fc.stringMatching(/^[\w.-]{1,20}$/);
const currency = fc.stringMatching(/^[a-z]{3}$/);
const time = fc.date({ min: new Date(0), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true });

const shown: fc.Arbitrary<ShownObject> = fc.oneof(
  fc.record({
    object: fc.constant("payment_intent" as const),
    id,
    latestCharge: maybe(id),
    status: maybe(word),
    amount: maybe(amount),
    amountReceived: maybe(amount),
    currency: maybe(currency),
  }),
  fc.record({
    object: fc.constant("charge" as const),
    id,
    paymentIntent: maybe(id),
    fromTransfer: fc.boolean(),
    status: maybe(word),
    captured: maybe(fc.boolean()),
    amount: maybe(amount),
    amountCaptured: maybe(amount),
    amountRefunded: maybe(amount),
    currency: maybe(currency),
    multicapture: fc.boolean(),
  }),
  fc.record({
    object: fc.constant("refund" as const),
    id,
    charge: maybe(id),
    paymentIntent: maybe(id),
    amount: maybe(amount),
    currency: maybe(currency),
    created: maybe(time),
    status: maybe(word),
    reason: maybe(word),
    mirrorsTransferReversal: fc.boolean(),
    paysOutCashBalance: fc.boolean(),
  }),
  fc.record({
    object: fc.constant("dispute" as const),
    id,
    charge: maybe(id),
    paymentIntent: maybe(id),
    amount: maybe(amount),
    currency: maybe(currency),
    balanceTransactions: fc.array(
      fc.record({ id: maybe(id), amount: signed, currency, reportingCategory: maybe(word) }),
      { maxLength: 3 },
    ),
  }),
);

const owner = { eventId: "evt_1", created: new Date("2024-05-01T00:00:00Z"), type: "x.y", objectId: "x_1" };
const anyFacts: fc.Arbitrary<EventFacts> = fc
  .record({
    apiVersion: maybe(fc.constantFrom("2022-11-15", "2024-10-28")),
    shows: fc.array(shown, { minLength: 1, maxLength: 4 }),
  })
  .map((said) => ({ ...owner, ...said }));

/** Treats `undefined` as absent. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const said = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(said.map(([name, one]) => [name, withoutUndefined(one)]));
}

describe("the column of an event's facts", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  it("restores exactly the facts that were stored", async () => {
    await fc.assert(
      fc.asyncProperty(anyFacts, async (facts) => {
        const { rows } = await store.admin.query<{ facts: unknown }>("select $1::jsonb as facts", [
          encodeFacts(facts),
        ]);
        const again = decodeFacts(rows[0]?.facts, owner);
        expect(withoutUndefined(again)).to.deep.equal(withoutUndefined(facts));
        expect(isSameFacts(again, facts)).to.equal(true);
        expect(objectOfFacts(again)).to.equal(objectOfFacts(facts));
      }),
      { numRuns: 300 },
    );
  });

  it("differs where any field differs", () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (a, b) => {
        const isSame = JSON.stringify(encodeFacts(a)) === JSON.stringify(encodeFacts(b));
        expect(isSameFacts(a, b)).to.equal(isSame);
        expect(isSameFacts(a, undefined)).to.equal(false);
      }),
    );
  });

  it("is null exactly where there are none", () => {
    expect(decodeFacts(null, owner)).to.equal(undefined);
    expect(encodeFacts(undefined)).to.equal(null);
    for (const column of [
      {},
      [],
      "facts",
      1,
      { shows: [{ object: "payout", id: "po_1" }] },
      { shows: "all" },
    ])
      expect(() => decodeFacts(column, owner), JSON.stringify(column)).to.throw(
        /facts of event evt_1 cannot be read/,
      );
  });

  for (const [name, column] of Object.entries({
    "an amount that is no whole number": { object: "refund", id: "re_1", amount: "1.5" },
    "an amount that is no text": { object: "refund", id: "re_1", amount: 1 },
    "a time that is none": { object: "refund", id: "re_1", created: "soon" },
    "an object without an id": { object: "charge" },
  })) {
    it(`is rejected, naming its event, with ${name}`, () => {
      expect(() => decodeFacts({ shows: [column] }, owner)).to.throw(/facts of event evt_1 cannot be read/);
    });
  }
});
