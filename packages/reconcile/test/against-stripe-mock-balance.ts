import { createPaymentService } from "@takings/domain";
import { testVariable } from "@takings/testkit";
import { balanceReading, toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createBalanceLimits, createStripeBalance } from "../src/balance/stripe-balance.ts";

// Run by `pnpm test:stripe`, against the mock server that Stripe generates from its OpenAPI description. It refuses
// parameters that are not in it.

const stripe = createStripeBalance({
  apiKey: "sk_test_123",
  apiUrl: new URL(testVariable("STRIPE_MOCK_URL")),
  account: null,
  limits: createBalanceLimits(),
  stopping: new AbortController().signal,
});
const origin = { livemode: false, account: null, apiVersion: stripe.apiVersion };

/** What the ledger reads in an object of a list. */
function statusOf(kind: "transaction" | "payout", object: unknown): unknown[] {
  const at = new Date();
  const { body } = balanceReading({ kind, object }, origin, { round: at, at });
  const { status, reason, balance } = toEventRecord(
    { source: "default", body, receivedAt: at },
    createPaymentService(),
  );
  return [status, reason, balance?.kind];
}

describe("Stripe's mock server, asked for the balance", () => {
  for (const [name, kind] of [
    ["balance_transaction", "transaction"],
    ["payout", "payout"],
  ] as const) {
    it(`accepts our requests for the list of ${name}s, and its ${kind} is understood`, async () => {
      const first = await stripe.page(name, { from: undefined, to: undefined, cursor: undefined });
      if (first === "lost") throw new Error("the first page has no cursor that could be lost");
      expect(first.items).to.have.length(1);
      expect(statusOf(kind, first.items[0]?.object)).to.deep.equal(["processed", null, kind]);
    });

    it(`accepts our request for a further page of a part of the ${name}s`, async () => {
      const page = await stripe.page(name, { from: 1_700_000_000, to: 1_800_000_000, cursor: "x_1" });
      expect(page).to.have.property("items");
    });
  }

  it("accepts our request for the members of a payout", async () => {
    expect((await stripe.members("po_1", undefined)).items).to.have.length(1);
    expect((await stripe.members("po_1", "txn_1")).items).to.have.length(1);
  });

  it("accepts our request for one balance transaction, which is understood", async () => {
    const read = await stripe.transaction("txn_1");
    expect(statusOf("transaction", read?.object)).to.deep.equal(["processed", null, "transaction"]);
  });
});
