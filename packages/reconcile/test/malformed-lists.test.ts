import { listed } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type RunOptions, useTestSuite } from "./test-context.ts";

const { hour } = listed;
// Used in dry runs, where it does not matter which of these events are stored.
const one = listed.succeeded("odd1", hour);
const other = listed.succeeded("odd2", 2 * hour);
const page = (data: unknown, more: unknown = true): unknown => ({ object: "list", data, has_more: more });

/** Responses that replace the first pages, and the expected error. */
const malformed: Readonly<Record<string, readonly [responses: readonly unknown[], error: RegExp]>> = {
  "returns the same page again": [[page([one]), page([one])], /list of events returns to evt_odd1/],
  "returns to an earlier page": [[page([one]), page([other]), page([one])], /returns to evt_odd1/],
  "has an empty page although more should follow": [
    [page([])],
    /has an empty page although more should follow/,
  ],
  "has objects of another kind": [
    [page([listed.refund("odd", hour)], false)],
    /malformed at data\.0\.object/,
  ],
  "has an item without an id": [[page([{ ...one, id: null }], false)], /malformed at data\.0\.id/],
  "has an item without a time": [
    [page([{ ...one, created: "now" }], false)],
    /malformed at data\.0\.created/,
  ],
  "is a single object": [[one], /malformed at object/],
  "does not say whether more follows": [[{ object: "list", data: [one] }], /malformed at has_more/],
  "has no items": [[page(null, false)], /malformed at data/],
  "is empty": [[{}], /malformed at data/],
  "is not an object": [["x"], /malformed at data/],
  "is a number": [[1], /malformed at data/],
};

describe("a list from Stripe that", () => {
  const suite = useTestSuite();

  const failureOf = (options: RunOptions): Promise<string> =>
    suite.context.reconcile(suite.stripe, options).then(
      ({ run }) => `no failure: ${run.stage}`,
      (error: unknown) => String(error),
    );

  for (const [what, [responses, error]] of Object.entries(malformed)) {
    it(`${what} is rejected with a clear error`, async () => {
      suite.stripe.faults.push(...responses.map((body) => ({ status: 200, body })));
      expect(await failureOf({ dryRun: true })).to.match(error);
      expect(suite.stripe.requests).to.have.length(responses.length);
    });
  }

  it("is made before the range ends, by Stripe's clock, is rejected, because more may be listed later", async () => {
    const tomorrow = new Date(Date.now() + 86_400_000);
    expect(await failureOf({ now: tomorrow })).to.match(
      /Stripe says that it is 20.*nothing is recorded as complete; check the clock of this machine/,
    );
    const { rows } = await suite.context.client.query(
      "select from takings.reconciliations where complete_through is not null",
    );
    expect(rows).to.deep.equal([]);
  });

  it("is malformed leaves the ledger scope incomplete", async () => {
    suite.stripe.faults.push({ status: 200, body: page([]) });
    expect(await failureOf({})).to.match(/nothing is recorded as complete/);
    const { rows } = await suite.context.client.query(
      "select from takings.reconciliations where complete_through is not null",
    );
    expect(rows).to.deep.equal([]);
  });

  it("is not complete within the response timeout is requested again, and fails in the end", async () => {
    const drip = { status: 200, drip: true } as const;
    suite.stripe.faults.push(drip);
    expect(await failureOf({ dryRun: true, responseTimeoutMs: 200 })).to.equal("no failure: done");
    suite.stripe.faults.push(...Array.from({ length: 5 }, () => drip));
    expect(await failureOf({ dryRun: true, responseTimeoutMs: 200 })).to.match(
      /timeout being reached \(200ms\)/,
    );
  });
});
