import { createPaymentService, type DerivedEntry, deriveLedger, type EventRecord } from "@takings/domain";
import {
  type EventBody,
  type Found,
  listedEvent,
  type MoneyObject,
  reconciledEvents,
  toEventRecord,
} from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";

const found: Found = { livemode: true, account: null, apiVersion: "2026-10-28.endive" };
const at = 1_780_000_000;

function madeOf(kind: MoneyObject, object: object, where: Found = found): readonly EventBody[] {
  return reconciledEvents(kind, { id: "x_1", created: at, currency: "usd", ...object }, where);
}

function recordsOf(events: readonly EventBody[]): readonly EventRecord[] {
  return events.map(({ body }) => toEventRecord({ body, receivedAt: new Date() }, createPaymentService()));
}

/** What the ledger would hold if there were no other events. */
function entriesOf(events: readonly EventBody[]): readonly DerivedEntry[] {
  return deriveLedger(recordsOf(events).flatMap(({ facts }) => facts ?? [])).entries;
}

function inShort(entries: readonly DerivedEntry[]): unknown[] {
  return entries.map(({ kind, amount, occurredAt }) => [kind, amount, occurredAt.getTime() / 1_000]);
}

describe("Events made from an object of Stripe's", () => {
  it("are none for a PaymentIntent that has not succeeded", () => {
    for (const status of ["processing", "requires_capture", "canceled", undefined]) {
      expect(madeOf("payment_intent", { status, amount_received: 5 })).to.deep.equal([]);
    }
  });

  it("date a payment by the balance transaction of its charge, by the charge, or by itself", () => {
    const paid = { status: "succeeded", amount_received: 5 };
    const dateOf = (charge: unknown): unknown =>
      inShort(entriesOf(madeOf("payment_intent", { ...paid, latest_charge: charge })));
    const settled = { id: "txn_1", created: at + 9 };
    expect(dateOf({ id: "ch_1", created: at + 3, balance_transaction: settled })).to.deep.equal([
      ["payment", 5n, at + 9],
    ]);
    expect(dateOf({ id: "ch_1", created: at + 3 })).to.deep.equal([["payment", 5n, at + 3]]);
    expect(dateOf("ch_1")).to.deep.equal([["payment", 5n, at]]);
  });

  it("say of a refund what was given back, and under another id that it came back", () => {
    const refund = { amount: 7, status: "pending", charge: "ch_1" };
    expect(inShort(entriesOf(madeOf("refund", refund)))).to.deep.equal([["refund", -7n, at]]);
    const failed = madeOf("refund", {
      ...refund,
      status: "failed",
      failure_balance_transaction: { id: "txn_2", created: at + 60 },
    });
    expect(failed.map(({ id }) => id)).to.deep.equal(["evt_reconcile_x_1_reversal"]);
    expect(inShort(entriesOf(failed))).to.deep.equal([
      ["refund", -7n, at],
      ["refund_reversal", 7n, at + 60],
    ]);
  });

  it("count nothing for an authorisation that was released", () => {
    const charge = { id: "ch_1", captured: false, amount: 7, amount_captured: 0, amount_refunded: 7 };
    expect(entriesOf(madeOf("refund", { amount: 7, status: "succeeded", charge }))).to.deep.equal([]);
  });

  it("say of a dispute what its balance transactions say, in either direction, and nothing of an inquiry", () => {
    const taken = { id: "txn_1", amount: -9, currency: "usd", created: at + 1 };
    const returned = { id: "txn_2", amount: 4, currency: "usd", created: at + 2 };
    const dispute = { amount: 9, status: "under_review" };
    const of = (balance_transactions: unknown): unknown =>
      inShort(entriesOf(madeOf("dispute", { ...dispute, balance_transactions })));
    expect(of([])).to.deep.equal([]);
    expect(of([taken])).to.deep.equal([["dispute", -9n, at + 1]]);
    expect(of([taken, returned])).to.deep.equal([
      ["dispute", -9n, at + 1],
      ["dispute_reversal", 4n, at + 2],
    ]);
  });

  it("count a charge only where it is money of its own", () => {
    const charge = { status: "succeeded", captured: true, amount: 5, amount_captured: 5 };
    expect(inShort(entriesOf(madeOf("charge", charge)))).to.deep.equal([["payment", 5n, at]]);
    for (const other of [{ payment_intent: "pi_1" }, { captured: false }, { source_transfer: "tr_1" }]) {
      expect(entriesOf(madeOf("charge", { ...charge, ...other })), JSON.stringify(other)).to.deep.equal([]);
    }
    expect(madeOf("charge", { ...charge, status: "failed" })).to.deep.equal([]);
  });

  it("are the same bytes whatever else the object has come to hold", () => {
    const paid = { status: "succeeded", amount_received: 5 };
    const later = {
      ...paid,
      metadata: { name: "Jenny" },
      receipt_email: "jenny@example.com",
      customer: "cus_1",
    };
    expect(madeOf("payment_intent", later)).to.deep.equal(madeOf("payment_intent", paid));
  });

  it("belong to the account and the mode in which the object was found", () => {
    const [event] = madeOf("refund", { amount: 7 }, { ...found, account: "acct_1", livemode: false });
    expect(recordsOf(event === undefined ? [] : [event])[0]).to.include({
      account: "acct_1",
      livemode: false,
    });
  });
});

describe("An event as Stripe's API lists it", () => {
  const listed = {
    id: "evt_1",
    type: "refund.created",
    created: at,
    data: { object: { id: "re_1", amount: 5 } },
  };

  it("is written down as it is", () => {
    expect(JSON.parse(listedEvent(listed, null)?.body.toString() ?? "")).to.deep.equal(listed);
  });

  it("names the connected account that it was listed for, where it does not do so itself", () => {
    const named = (event: object): unknown => JSON.parse(listedEvent(event, "acct_1")?.body.toString() ?? "");
    expect(named(listed)).to.include({ account: "acct_1" });
    expect(named({ ...listed, account: "acct_2" })).to.include({ account: "acct_2" });
  });

  it("is none where a number may have lost digits, or it is no event", () => {
    const object = JSON.parse('{"id":"re_1","amount":9007199254740993}') as object;
    expect(listedEvent({ ...listed, data: { object } }, null)).to.equal(undefined);
    expect(listedEvent({ ...listed, id: "re_1" }, null)).to.equal(undefined);
    expect(listedEvent({ ...listed, created: "soon" }, null)).to.equal(undefined);
  });
});
