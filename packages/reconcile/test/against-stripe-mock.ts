import { createPaymentService, reconcileStages } from "@takings/domain";
import { testVariable } from "@takings/testkit";
import { reconciledEvents, toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createStripeLists } from "../src/stripe-lists.ts";

// Run by `pnpm test:stripe`, against the server that Stripe makes from its own description of its API.

const lists = createStripeLists({
  apiKey: "sk_test_123",
  apiUrl: new URL(testVariable("STRIPE_MOCK_URL")),
  account: null,
  stopping: new AbortController().signal,
});
const range = { from: new Date(0), to: new Date() };

describe("Stripe's own mock server", () => {
  for (const stage of reconcileStages) {
    it(`takes our question for ${stage}s, and answers what we can read`, async () => {
      const { items, next } = await lists.page(stage, range, undefined);
      expect(items.map(({ object }) => object)).to.deep.equal([stage]);
      expect(next).to.equal(undefined);
    });

    it(`takes the question for a further page of ${stage}s`, async () => {
      const { items } = await lists.page(stage, range, "x_1");
      expect(items).to.have.length(1);
    });

    if (stage === "event") continue;
    it(`gives a ${stage} of which the ledger can understand everything it needs`, async () => {
      const { items } = await lists.page(stage, range, undefined);
      // Its only PaymentIntent has not been paid, its only charge has not been captured, its only dispute has moved nothing.
      const transactions = [{ id: "txn_1", amount: -1_000, currency: "usd", created: 1_700_000_000 }];
      const moved = {
        payment_intent: { status: "succeeded" },
        charge: { payment_intent: null, captured: true },
        dispute: { balance_transactions: transactions },
      };
      const said = { ...items[0], ...(stage in moved && moved[stage as keyof typeof moved]) };
      const events = reconciledEvents(stage, said, {
        livemode: false,
        account: null,
        apiVersion: lists.apiVersion,
      });
      const records = events.map(({ body }) =>
        toEventRecord({ body, receivedAt: new Date() }, createPaymentService()),
      );
      expect(records.map(({ status, reason }) => [status, reason])).to.deep.equal([["processed", null]]);
    });
  }

  it("takes the question for the refunds of a charge, and for the charges of a PaymentIntent", async () => {
    expect(await lists.of("refund", { charge: "ch_1" })).to.have.length(1);
    expect(await lists.of("charge", { payment_intent: "pi_1" })).to.have.length(1);
  });

  it("gives along what the time of the money and a released authorisation are seen by", async () => {
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
