import { createPaymentService, type EventRecord } from "@takings/domain";
import { type BalanceObject, balanceReading, parseExactJson, toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { snapshot } from "./bodies.ts";

const payments = createPaymentService();
const origin = { account: null, livemode: true, apiVersion: "2026-09-30.dahlia" };
const round = new Date("2026-11-29T10:00:00Z");
const at = new Date("2026-11-29T10:00:07.900Z");

const transaction = {
  id: "txn_1",
  object: "balance_transaction",
  amount: 1000,
  available_on: 1_780_000_000,
  balance_type: "payments",
  created: 1_779_900_000,
  currency: "eur",
  description: null,
  exchange_rate: 0.9,
  fee: 59,
  net: 941,
  reporting_category: "charge",
  source: "ch_1",
  status: "pending",
  type: "charge",
};

const payout = {
  id: "po_1",
  object: "payout",
  amount: 941,
  arrival_date: 1_780_100_000,
  automatic: true,
  created: 1_780_000_000,
  currency: "eur",
  reconciliation_status: "completed",
  status: "paid",
  trace_id: { status: "supported", value: "T-1" },
};

function recordOf(reading: BalanceObject): EventRecord {
  const { body } = balanceReading(reading, origin, { round, at });
  return toEventRecord({ source: "default", body, receivedAt: at }, payments);
}

function readTransaction(changed: Readonly<Record<string, unknown>>): EventRecord {
  return recordOf({ kind: "transaction", object: { ...transaction, ...changed } });
}

describe("A reading of a balance transaction", () => {
  it("is an event of its own type, dated by the second in which it was read", () => {
    const record = readTransaction({});
    expect(record).to.deep.include({
      type: "takings.balance_transaction",
      created: new Date("2026-11-29T10:00:07Z"),
      objectId: "txn_1",
      livemode: true,
      account: null,
      status: "processed",
      facts: undefined,
    });
    expect(record.balance).to.deep.equal({
      kind: "transaction",
      transaction: {
        id: "txn_1",
        type: "charge",
        reportingCategory: "charge",
        currency: "eur",
        gross: 1000n,
        fee: 59n,
        net: 941n,
        created: new Date(1_779_900_000_000),
        availableOn: new Date(1_780_000_000_000),
        status: "pending",
        balanceType: "payments",
        description: null,
        sourceId: "ch_1",
        payout: undefined,
      },
    });
  });

  it("keeps amounts beyond 2^53 in its body and in what it states", () => {
    const text = JSON.stringify(transaction)
      .replace('"amount":1000', '"amount":9007199254740993')
      .replace('"net":941', '"net":9007199254740934');
    const { body } = balanceReading({ kind: "transaction", object: parseExactJson(text) }, origin, {
      round,
      at,
    });
    expect(body.toString()).to.include(`"data":{"object":${text}}`);
    const { balance } = toEventRecord({ source: "default", body, receivedAt: at }, payments);
    expect(balance?.kind === "transaction" && balance.transaction.gross).to.equal(9_007_199_254_740_993n);
  });

  it("has the same id when it is read again in the same round, and another in a later round", () => {
    const ids = [round, round, at].map(
      (began) =>
        balanceReading({ kind: "transaction", object: transaction }, origin, { round: began, at }).id,
    );
    expect(ids[0]).to.equal(ids[1]).and.not.equal(ids[2]);
    const later = new Date(at.getTime() + 60_000);
    const again = balanceReading({ kind: "transaction", object: transaction }, origin, { round, at: later });
    expect(again.id).to.equal(ids[0]);
  });

  it("says which payout listed it, that none does, or nothing about that", () => {
    const payouts = [{ payout: "po_1" }, { payout: null }, {}].map((reading) => {
      const { balance } = recordOf({ kind: "transaction", object: transaction, ...reading });
      return balance?.kind === "transaction" ? balance.transaction.payout : "unread";
    });
    expect(payouts).to.deep.equal(["po_1", null, undefined]);
  });

  for (const [source, read] of [
    [null, null],
    ["re_1", "re_1"],
    [{ id: "ch_2", object: "charge", amount: 5 }, "ch_2"],
  ] as const) {
    it(`names the source ${JSON.stringify(source)} by its id, and is no evidence of a payment`, () => {
      const { balance, facts } = readTransaction({ source });
      expect(balance?.kind === "transaction" && balance.transaction.sourceId).to.equal(read);
      expect(facts).to.equal(undefined);
    });
  }

  it("has the category that Stripe names, known or not, or else its type", () => {
    const categories = [
      { reporting_category: "moon_rent" },
      { reporting_category: null, type: "moon_fee" },
    ].map((changed) => {
      const { balance } = readTransaction(changed);
      return balance?.kind === "transaction" && balance.transaction.reportingCategory;
    });
    expect(categories).to.deep.equal(["moon_rent", "moon_fee"]);
  });

  const faults: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ net: 940 }, "net is not amount less fee: 940 is not 1000 - 59"],
    [{ amount: 10.5 }, "amount is missing or not a whole number of minor units"],
    [{ fee: "59" }, "fee is missing or not a whole number of minor units"],
    [{ currency: "EUR" }, "currency is missing or not a three-letter code in lower case"],
    [{ created: undefined }, "created is missing or not a time"],
    [{ available_on: "soon" }, "available_on is missing or not a time"],
    [{ reporting_category: 7 }, "reporting_category is missing or not a name without white space"],
    [{ balance_type: "x".repeat(3_000) }, "balance_type is missing or not a name without white space"],
  ];
  for (const [changed, reason] of faults) {
    it(`is quarantined where ${reason}`, () => {
      expect(readTransaction(changed)).to.deep.include({ status: "quarantined", reason, objectId: "txn_1" });
    });
  }
});

describe("A reading of a payout", () => {
  it("states the payout, with the number of its members once they have been read", () => {
    const stated = [{}, { members: 3 }].map((reading) => {
      const { balance } = recordOf({ kind: "payout", object: payout, ...reading });
      return balance?.kind === "payout" ? balance.payout : undefined;
    });
    expect(stated[0]).to.deep.equal({
      id: "po_1",
      amount: 941n,
      currency: "eur",
      status: "paid",
      automatic: true,
      arrivalDate: new Date(1_780_100_000_000),
      created: new Date(1_780_000_000_000),
      traceId: "T-1",
      reconciliationStatus: "completed",
      members: undefined,
    });
    expect(stated[1]).to.deep.equal({ ...stated[0], members: 3 });
  });
});

describe("A payout event", () => {
  const recorded = (object: unknown): EventRecord => {
    const body = Buffer.from(snapshot("payout.paid", JSON.stringify(object)));
    return toEventRecord({ source: "default", body, receivedAt: at }, payments);
  };

  it("states its payout, but not its members", () => {
    const { balance } = recorded(payout);
    expect(balance?.kind === "payout" && [balance.payout.status, balance.payout.members]).to.deep.equal([
      "paid",
      undefined,
    ]);
  });

  it("states nothing where it does not show a whole payout, and is not quarantined", () => {
    const record = recorded({ id: "po_1", object: "payout" });
    expect([record.status, record.balance]).to.deep.equal(["processed", undefined]);
  });
});
