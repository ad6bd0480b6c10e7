import { createPaymentService } from "@takings/domain";
import { createPaymentWriter, createPool } from "@takings/postgres";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { csv } from "./report-files.ts";
import { transactions } from "./tie-out-ledger.ts";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

const header =
  "balance_transaction_id,created_utc,currency,gross,reporting_category,payment_intent_id,charge_id," +
  "customer_facing_amount,customer_facing_currency";
const charge = ["txn_1", "2026-10-01 09:00:00", "usd", "12.30", "charge", "pi_1", "ch_1", "11.00", "eur"];
const yen = ["txn_2", "2026-10-01 10:00:00", "jpy", "500", "charge", "", "ch_2", "500.00", "jpy"];
const refund = ["txn_3", "2026-10-02 11:00:00", "usd", "-2.30", "refund", "pi_1", "ch_1", "-2.00", "eur"];

function event(id: string, type: string, created: number, object: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(
    JSON.stringify({ id, object: "event", type, created, livemode: true, data: { object } }),
  );
}

const intent = { id: "pi_1", object: "payment_intent", currency: "eur", status: "succeeded" };
const events = [
  event("evt_1", "payment_intent.succeeded", 1_790_000_000, {
    ...intent,
    amount: 1100,
    amount_received: 1100,
  }),
  event("evt_2", "charge.succeeded", 1_790_000_000, {
    id: "ch_2",
    object: "charge",
    payment_intent: null,
    amount: 500,
    amount_captured: 500,
    captured: true,
    currency: "jpy",
    status: "succeeded",
  }),
];

describe("the customer-facing check of takings tie-out", () => {
  let runner: TieOutRunner;

  before(async () => {
    runner = await tieOutRunner();
    const writing = createPool({
      url: runner.ledger.database.writerUrl,
      name: "test",
      max: 1,
      statementTimeoutMs: 20_000,
      onIdleError: () => {},
    });
    const payments = createPaymentService();
    const receivedAt = new Date();
    await createPaymentWriter(writing).record(
      events.map((body) => toEventRecord({ source: "default", body, receivedAt }, payments)),
    );
    await writing.end();
  });
  after(() => runner.close());

  describe("without a balance ledger", () => {
    it("compares what customers paid with the events of their payments", async () => {
      const { files, differences } = await runner.content(csv(header, charge, yen, refund));
      expect(differences).to.deep.equal([]);
      expect(files[0]).to.include({ report: "activity", rows: 3, equal: true });
      expect(files[0]?.notes).to.have.length(1);
      expect(files[0]?.notes?.[0]).to.match(/^only customer-facing amounts were compared/);
    });

    it("finds other amounts, other currencies, and payments without an event", async () => {
      const cells = (row: readonly string[], changed: Readonly<Record<number, string>>): readonly string[] =>
        row.map((cell, index) => changed[index] ?? cell);
      const found = await runner.differences(
        csv(
          header,
          cells(charge, { 7: "11.01" }),
          cells(yen, { 8: "usd" }),
          cells(charge, { 0: "txn_9", 5: "pi_9" }),
        ),
      );
      expect(found).to.deep.equal([
        [2, "txn_1", "customer_facing_amount", "11.01", "11.00"],
        [3, "txn_2", "customer_facing_currency", "usd", "jpy"],
        [4, "txn_9", "missing_here", "11.00", null],
      ]);
    });

    it("rejects a file that names no stored payment", async () => {
      const content = csv(header, charge).replace("pi_1", "pi_of_another");
      expect(await runner.error(content)).to.match(
        /names no payment of the platform \(live mode\) that is stored/,
      );
      expect(await runner.error(csv(header, charge), "--livemode=false")).to.match(
        /names no payment .*test mode/,
      );
    });

    it("rejects a file with nothing that could be compared", async () => {
      const content = csv("balance_transaction_id,created_utc", ["txn_1", "2026-10-01 09:00:00"]);
      expect(await runner.error(content)).to.match(
        /no balance transactions .* have been read; run `takings balance sync`/,
      );
    });
  });

  describe("with a balance ledger", () => {
    before(async () => {
      await runner.ledger.add(transactions);
      await runner.ledger.complete("2026-11-01T00:00:00Z");
    });

    it("compares rows with both, and says for how many payments there is no event", async () => {
      const other = charge.map((cell, index) => (index === 5 ? "pi_9" : cell));
      const { files, differences } = await runner.content(csv(header, other, yen, refund));
      expect(differences).to.deep.equal([]);
      expect(files[0]?.notes).to.deep.equal([
        "1 customer-facing amounts compared; 1 not, because no event of their payment is stored",
      ]);
      const asCharge = refund.map((cell) => (cell === "refund" ? "charge" : cell));
      expect(await runner.differences(csv(header, charge, yen, asCharge))).to.deep.equal([
        [4, "txn_3", "reporting_category", "charge", "refund"],
      ]);
      const wrong = csv(header, charge, yen, refund).replace("11.00", "11.01");
      expect(await runner.differences(wrong)).to.deep.equal([
        [2, "txn_1", "customer_facing_amount", "11.01", "11.00"],
      ]);
    });
  });
});
