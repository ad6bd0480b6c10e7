import { type FakeStripe, fakeStripe, listed } from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { type Different, createTestContext, type TestContext } from "./test-context.ts";

const { hour } = listed;
// In dry runs: of none of these events it matters whether it is stored.
const one = listed.succeeded("odd1", hour);
const other = listed.succeeded("odd2", 2 * hour);
const page = (data: unknown, more: unknown = true): unknown => ({ object: "list", data, has_more: more });

/** What is answered instead of the first lists, and what is said of it. */
const odd: Readonly<Record<string, readonly [answers: readonly unknown[], said: RegExp]>> = {
  "gives the same page again": [[page([one]), page([one])], /events at Stripe comes to evt_odd1 again/],
  "goes round in a circle": [[page([one]), page([other]), page([one])], /comes to evt_odd1 again/],
  "says that there is more after nothing": [[page([])], /there is more after a page with nothing on it/],
  "has things of another kind": [[page([listed.refund("odd", hour)], false)], /malformed at data\.0\.object/],
  "has an item without an id": [[page([{ ...one, id: null }], false)], /malformed at data\.0\.id/],
  "has an item without a time": [
    [page([{ ...one, created: "now" }], false)],
    /malformed at data\.0\.created/,
  ],
  "is an object with one item": [[one], /malformed at object/],
  "does not say whether there is more": [[{ object: "list", data: [one] }], /malformed at has_more/],
  "has no items": [[page(null, false)], /malformed at data/],
  "is empty": [[{}], /malformed at data/],
  "is no object": [["x"], /malformed at data/],
  "is a number": [[1], /malformed at data/],
};

describe("a list of Stripe's that", () => {
  let context: TestContext;
  let stripe: FakeStripe;
  before(async () => {
    context = await createTestContext();
  });
  after(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    stripe = await fakeStripe();
    await context.empty();
  });
  afterEach(() => stripe[Symbol.asyncDispose]());

  const failureOf = (different: Different): Promise<string> =>
    context.reconcile(stripe, different).then(
      ({ run }) => `none: ${run.stage}`,
      (error: unknown) => String(error),
    );

  for (const [what, [answers, said]] of Object.entries(odd)) {
    it(`${what} is refused in words`, async () => {
      stripe.faults.push(...answers.map((body) => ({ status: 200, body })));
      expect(await failureOf({ dryRun: true })).to.match(said);
      expect(stripe.requests).to.have.length(answers.length);
    });
  }

  it("is odd leaves the books as they were, complete through nothing", async () => {
    stripe.faults.push({ status: 200, body: page([]) });
    expect(await failureOf({})).to.match(/nothing is taken as complete/);
    const { rows } = await context.client.query(
      "select from takings.reconciliations where complete_through is not null",
    );
    expect(rows).to.deep.equal([]);
  });

  it("does not come whole within the time for an answer is asked for again, and given up in the end", async () => {
    const drip = { status: 200, drip: true } as const;
    stripe.faults.push(drip);
    expect(await failureOf({ dryRun: true, responseTimeoutMs: 200 })).to.equal("none: done");
    stripe.faults.push(...Array.from({ length: 5 }, () => drip));
    expect(await failureOf({ dryRun: true, responseTimeoutMs: 200 })).to.match(
      /timeout being reached \(200ms\)/,
    );
  });
});
