import { createPaymentService, reconcileStages } from "@takings/domain";
import { testVariable } from "@takings/testkit";
import { reconciledEvents, toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createStripeLists } from "../src/stripe/stripe-lists.ts";

// Run by `pnpm test:stripe`, against the mock server that Stripe generates from its OpenAPI description.

const lists = createStripeLists({
  apiKey: "sk_test_123",
  apiUrl: new URL(testVariable("STRIPE_MOCK_URL")),
  account: null,
  stopping: new AbortController().signal,
});
// The header Date has whole seconds, and a list cannot be complete up to a time that Stripe's clock has not reached.
const range = { from: new Date(0), to: new Date(Date.now() - 1_000) };

describe("Stripe's mock server", () => {
  for (const stage of reconcileStages) {
    it(`accepts our request for ${stage}s and returns a list that we can parse`, async () => {
      const { items, next } = await lists.page(stage, range, undefined);
      expect(items.map(({ object }) => object)).to.deep.equal([stage]);
      expect(next).to.equal(undefined);
    });

    it(`accepts the request for a further page of ${stage}s`, async () => {
      const { items } = await lists.page(stage, range, "x_1");
      expect(items).to.have.length(1);
    });

    if (stage === "event") continue;
    it(`returns a ${stage} that the ledger can understand`, async () => {
      const { items } = await lists.page(stage, range, undefined);
      // Its only PaymentIntent is not paid, its only charge is not captured, and its only dispute has moved nothing.
      const transactions = [{ id: "txn_1", amount: -1_000, currency: "usd", created: 1_700_000_000 }];
      const moved = {
        payment_intent: { status: "succeeded" },
        charge: { payment_intent: null, captured: true },
        dispute: { balance_transactions: transactions },
      };
      const object = { ...items[0], ...(stage in moved && moved[stage as keyof typeof moved]) };
      const events = reconciledEvents(stage, object, {
        livemode: false,
        account: null,
        apiVersion: lists.apiVersion,
      });
      const records = events.map(({ body }) =>
        toEventRecord({ source: "default", body, receivedAt: new Date() }, createPaymentService()),
      );
      expect(records.map(({ status, reason }) => [status, reason])).to.deep.equal([["processed", null]]);
    });
  }

  it("accepts the requests for the refunds of a charge and for the charges of a PaymentIntent", async () => {
    expect(await lists.of("refund", { charge: "ch_1" })).to.have.length(1);
    expect(await lists.of("charge", { payment_intent: "pi_1" })).to.have.length(1);
  });

  it("includes the objects that show the time of the money and a released authorisation", async () => {
    const page = async (stage: "payment_intent" | "charge" | "refund"): Promise<unknown> =>
      (await lists.page(stage, range, undefined)).items[0];
    expect(await page("refund")).to.have.nested.property("charge.captured");
    expect(await page("refund")).to.have.nested.property("charge.balance_transaction.created");
    expect(await page("refund")).to.have.property("payment_intent");
    expect(await page("charge")).to.have.property("payment_intent");
    expect(await page("charge")).to.have.nested.property("balance_transaction.created");
    expect(await page("payment_intent")).to.have.property("latest_charge");
  });
});
