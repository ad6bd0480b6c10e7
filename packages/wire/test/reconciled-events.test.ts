import { createPaymentService, deriveLedger } from "@takings/domain";
import {
  type EventBody,
  type ObjectOrigin,
  type MoneyObject,
  reconciledEvents,
  toEventRecord,
} from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";

const found: ObjectOrigin = { livemode: true, account: null, apiVersion: "2026-10-28.endive" };
const at = 1_780_000_000;

function synthesized(kind: MoneyObject, object: object, where: ObjectOrigin = found): readonly EventBody[] {
  return reconciledEvents(kind, { id: "x_1", created: at, currency: "usd", ...object }, where);
}

/** The entries and gaps of a ledger of these events, abbreviated. */
function ledgerOf(events: readonly EventBody[]): unknown[] {
  const records = events.map(({ body }) =>
    toEventRecord({ source: "default", body, receivedAt: new Date() }, createPaymentService()),
  );
  const { entries, gaps } = deriveLedger(records.flatMap(({ facts }) => facts ?? []));
  return [
    ...entries.map(({ kind, amount, occurredAt }) => [kind, amount, occurredAt.getTime() / 1_000]),
    ...gaps.map(({ kind, amount }) => [`gap: ${kind}`, amount]),
  ];
}

const idsOf = (events: readonly EventBody[]): readonly string[] => events.map(({ id }) => id);
/** A charge of 10 of which 6 were captured at that time. */
const partlyCaptured = (capturedAt: number): object => ({
  id: "ch_1",
  captured: true,
  amount: 10,
  amount_captured: 6,
  amount_refunded: 4,
  payment_intent: "pi_1",
  balance_transaction: { id: "txn_1", created: capturedAt },
});

describe("Events synthesized from a Stripe object", () => {
  it("are none for a PaymentIntent without a received amount", () => {
    for (const status of ["processing", "requires_capture", "requires_payment_method", undefined]) {
      expect(synthesized("payment_intent", { status, amount_received: 0 })).to.deep.equal([]);
    }
  });

  it("date a payment by the balance transaction of its charge, by the charge, or by itself", () => {
    const paid = { status: "succeeded", amount_received: 5 };
    const dateOf = (charge: unknown): unknown =>
      ledgerOf(synthesized("payment_intent", { ...paid, latest_charge: charge }));
    const settled = { id: "txn_1", created: at + 9 };
    expect(dateOf({ id: "ch_1", created: at + 3, balance_transaction: settled })).to.deep.equal([
      ["payment", 5n, at + 9],
    ]);
    expect(dateOf({ id: "ch_1", created: at + 3 })).to.deep.equal([["payment", 5n, at + 3]]);
    expect(dateOf("ch_1")).to.deep.equal([["payment", 5n, at]]);
  });

  it("have the amount that a multicapture has received so far, and later amounts under another id", () => {
    const card = { multicapture: { status: "available" } };
    const open = (received: number): readonly EventBody[] => {
      const captured = { captured: true, status: "succeeded", amount: 9, amount_captured: received };
      const charge = { id: "ch_1", created: at, currency: "usd", payment_intent: "x_1", ...captured };
      return synthesized("payment_intent", {
        status: "requires_capture",
        amount: 9,
        amount_received: received,
        latest_charge: { ...charge, payment_method_details: { card } },
      });
    };
    expect(idsOf([...open(4), ...open(7)])).to.deep.equal([
      "evt_reconcile_x_1_received_4",
      "evt_reconcile_x_1_received_7",
    ]);
    expect(ledgerOf(open(4))).to.deep.equal([["payment", 4n, at]]);
    expect(ledgerOf([...open(7), ...open(4)])).to.deep.equal([
      ["payment", 4n, at],
      ["payment", 3n, at],
    ]);
  });

  it("have the evidence of a canceled PaymentIntent that nothing was received, under a separate id", () => {
    const canceled = { status: "canceled", canceled_at: at + 7, amount: 5, amount_received: 0 };
    const made = synthesized("payment_intent", canceled);
    expect(idsOf(made)).to.deep.equal(["evt_reconcile_x_1_canceled"]);
    const refund = { id: "re_1", amount: 5, payment_intent: "x_1", charge: "ch_1" };
    expect(ledgerOf(synthesized("refund", refund))).to.have.length(1);
    expect(ledgerOf([...made, ...synthesized("refund", refund)])).to.deep.equal([]);
  });

  it("have the amount of a refund, and its reversal under another id", () => {
    const refund = { amount: 7, status: "pending", charge: "ch_1" };
    expect(ledgerOf(synthesized("refund", refund))).to.deep.equal([["refund", -7n, at]]);
    const failed = synthesized("refund", {
      ...refund,
      status: "failed",
      failure_balance_transaction: { id: "txn_2", created: at + 60 },
    });
    expect(idsOf(failed)).to.deep.equal(["evt_reconcile_x_1_reversal", "evt_reconcile_x_1"]);
    const whole = [
      ["refund", -7n, at],
      ["refund_reversal", 7n, at + 60],
    ];
    expect(ledgerOf(failed)).to.deep.equal(whole);
    expect(ledgerOf(failed.slice(0, 1))).to.deep.equal(whole);
  });

  it("are the same bytes for a pending refund and a succeeded one", () => {
    const refund = { amount: 7, charge: "ch_1" };
    expect(synthesized("refund", { ...refund, status: "pending" })).to.deep.equal(
      synthesized("refund", { ...refund, status: "succeeded" }),
    );
  });

  const nonRefunds: Readonly<Record<string, object>> = {
    "mirrors a transfer reversal": { source_transfer_reversal: "trr_1" },
    "is of a charge that mirrors a transfer": { charge: { id: "py_1", source_transfer: { id: "tr_1" } } },
    "pays out a cash balance": {
      charge: null,
      payment_intent: null,
      destination_details: { type: "us_bank_transfer", us_bank_transfer: { reference: "Jenny" } },
    },
    "is an authorisation that ran out": { charge: "ch_1", reason: "expired_uncaptured_charge" },
    "is of a charge that was never captured": {
      charge: { id: "ch_1", captured: false, amount: 4, amount_captured: 0, amount_refunded: 4 },
    },
    "is of a PaymentIntent that was canceled": {
      charge: "ch_1",
      payment_intent: { id: "pi_1", status: "canceled", amount_received: 0 },
    },
    "is what a partial capture left": { charge: partlyCaptured(at - 60), reason: null },
    "may be what a partial capture left, whose time is unknown": {
      charge: { ...partlyCaptured(0), balance_transaction: "txn_1" },
    },
  };
  for (const [what, object] of Object.entries(nonRefunds)) {
    it(`count nothing for a refund that ${what}, failed or not`, () => {
      for (const status of ["succeeded", "failed"])
        expect(ledgerOf(synthesized("refund", { amount: 4, status, ...object })), status).to.deep.equal([]);
    });
  }

  it("count the second of two refunds of exactly the rest of a partial capture", () => {
    const refund = { amount: 4, charge: partlyCaptured(at) };
    const [first, second] = [synthesized("refund", refund), synthesized("refund", { ...refund, id: "x_2" })];
    expect(ledgerOf([...first, ...second])).to.deep.equal([["refund", -4n, at]]);
  });

  it("count a refund of exactly the rest of a partial capture when it is later or has a reason", () => {
    const later = { amount: 4, charge: partlyCaptured(at - 61) };
    const wished = { amount: 4, charge: partlyCaptured(at), reason: "requested_by_customer" };
    const multicapture = { payment_method_details: { card: { multicapture: { status: "available" } } } };
    const ofMulticapture = { amount: 4, charge: { ...partlyCaptured(at), ...multicapture } };
    for (const refund of [later, wished, ofMulticapture])
      expect(ledgerOf(synthesized("refund", refund))).to.deep.equal([["refund", -4n, at]]);
  });

  it("open no gap with what they contain of a refund's charge", () => {
    const charge = { ...partlyCaptured(at - 61), status: "succeeded", currency: "usd", amount_refunded: 6 };
    expect(ledgerOf(synthesized("refund", { amount: 2, charge }))).to.deep.equal([["refund", -2n, at]]);
  });

  it("have the balance transactions of a dispute, in either direction, and are none for an inquiry", () => {
    const taken = { id: "txn_1", amount: -9, currency: "usd", created: at + 1 };
    const returned = { id: "txn_2", amount: 4, currency: "usd", created: at + 2 };
    const dispute = { amount: 9, status: "under_review" };
    const of = (balance_transactions: unknown): unknown =>
      ledgerOf(synthesized("dispute", { ...dispute, balance_transactions }));
    expect(of([])).to.deep.equal([]);
    expect(of([taken])).to.deep.equal([["dispute", -9n, at + 1]]);
    expect(of([taken, returned])).to.deep.equal([
      ["dispute", -9n, at + 1],
      ["dispute_reversal", 4n, at + 2],
    ]);
  });

  it("date each step of a dispute by its balance transaction, under a separate id", () => {
    const step = (n: number, amount: number): object => ({
      id: `txn_${n}`,
      amount,
      currency: "usd",
      created: at + n,
    });
    const steps = [step(4, 3), step(1, -6), step(3, 6), step(2, -3)];
    const made = synthesized("dispute", { amount: 9, balance_transactions: steps });
    expect(idsOf(made)).to.deep.equal([
      "evt_reconcile_x_1",
      "evt_reconcile_x_1_2",
      "evt_reconcile_x_1_reversal",
      "evt_reconcile_x_1_reversal_2",
    ]);
    expect(ledgerOf(made)).to.deep.equal([
      ["dispute", -6n, at + 1],
      ["dispute", -3n, at + 2],
      ["dispute_reversal", 6n, at + 3],
      ["dispute_reversal", 3n, at + 4],
    ]);
    const earlier = synthesized("dispute", { amount: 9, balance_transactions: [step(1, -6)] });
    expect(made[0]).to.deep.equal(earlier[0]);
  });

  it("count what was withdrawn in another currency as the disputed amount, and what was reinstated as a share of it", () => {
    const settled = (n: number, amount: number): object => ({
      id: `txn_${n}`,
      amount,
      currency: "eur",
      created: at + n,
    });
    const made = synthesized("dispute", {
      amount: 5_000,
      balance_transactions: [settled(1, -5_400), settled(2, 2_160)],
    });
    expect(ledgerOf(made)).to.deep.equal([
      ["dispute", -5_000n, at + 1],
      ["dispute_reversal", 2_000n, at + 2],
    ]);
  });

  it("omit other transactions of a dispute, and keep an amount that cannot be read", () => {
    const taken = {
      id: "txn_1",
      amount: -9,
      currency: "usd",
      created: at + 1,
      reporting_category: "dispute",
    };
    const fee = { ...taken, id: "txn_2", amount: -15, reporting_category: "fee" };
    const of = (balance_transactions: unknown): readonly EventBody[] =>
      synthesized("dispute", { amount: 9, balance_transactions });
    expect(of([fee])).to.deep.equal([]);
    expect(ledgerOf(of([fee, taken]))).to.deep.equal([["dispute", -9n, at + 1]]);
    const [odd] = of([{ ...taken, amount: "much" }]);
    const record = toEventRecord(
      { source: "default", body: odd?.body ?? Buffer.of(), receivedAt: new Date() },
      createPaymentService(),
    );
    expect(record.reason).to.match(/balance transaction amount/);
  });

  it("count a charge only when it has no PaymentIntent", () => {
    const charge = { status: "succeeded", captured: true, amount: 5, amount_captured: 5 };
    expect(ledgerOf(synthesized("charge", charge))).to.deep.equal([["payment", 5n, at]]);
    for (const other of [
      { payment_intent: "pi_1" },
      { captured: false },
      { captured: false, amount_refunded: 5 },
      { source_transfer: "tr_1" },
    ]) {
      expect(ledgerOf(synthesized("charge", { ...charge, ...other })), JSON.stringify(other)).to.deep.equal(
        [],
      );
    }
  });

  it("open no gap for a charge that was refunded meanwhile", () => {
    const charge = { status: "succeeded", captured: true, amount: 5, amount_captured: 5, amount_refunded: 5 };
    expect(ledgerOf(synthesized("charge", charge))).to.deep.equal([["payment", 5n, at]]);
  });

  it("reverse a charge that a bank returned late, when it was paid before", () => {
    const charge = { captured: true, amount: 5, amount_captured: 5, payment_intent: null };
    const paid = synthesized("charge", { ...charge, status: "succeeded" });
    const returned = synthesized("charge", {
      ...charge,
      status: "failed",
      failure_balance_transaction: { id: "txn_2", created: at + 9 },
    });
    expect(ledgerOf(returned)).to.deep.equal([]);
    expect(ledgerOf([...returned, ...paid])).to.deep.equal([
      ["payment", 5n, at],
      ["refund", -5n, at + 9],
    ]);
  });

  it("are those of the PaymentIntent for a charge that shows it, as the same bytes", () => {
    const settled = { id: "txn_1", created: at + 9 };
    const charge = { id: "x_1", status: "succeeded", captured: true, amount: 5, amount_captured: 5 };
    const intent = { id: "pi_1", status: "succeeded", amount_received: 5, currency: "usd", amount: 5 };
    const fromCharge = synthesized("charge", {
      ...charge,
      balance_transaction: settled,
      payment_intent: { ...intent, latest_charge: "x_1" },
    });
    const listed = { ...charge, currency: "usd", created: at, balance_transaction: settled };
    const latest = { ...listed, payment_intent: "pi_1" };
    expect(fromCharge).to.deep.equal(synthesized("payment_intent", { ...intent, latest_charge: latest }));
    expect(ledgerOf(fromCharge)).to.deep.equal([["payment", 5n, at + 9]]);
  });

  it("are none for a PaymentIntent that was paid by another charge", () => {
    const charge = { status: "failed", captured: false, amount: 5, amount_captured: 0, amount_refunded: 0 };
    const intent = { id: "pi_1", status: "succeeded", amount_received: 5, latest_charge: "ch_2" };
    expect(synthesized("charge", { ...charge, payment_intent: intent })).to.deep.equal([]);
  });

  it("are the same bytes whatever other fields the object has", () => {
    const paid = { status: "succeeded", amount_received: 5 };
    const later = {
      ...paid,
      metadata: { name: "Jenny" },
      receipt_email: "jenny@example.com",
      customer: "cus_1",
    };
    expect(synthesized("payment_intent", later)).to.deep.equal(synthesized("payment_intent", paid));
  });

  it("contain no personal data of an expanded object", () => {
    const person = { billing_details: { name: "Jenny" }, receipt_email: "jenny@example.com" };
    const card = { card: { last4: "4242", name: "Jenny", multicapture: { status: "unavailable" } } };
    const charge = { ...partlyCaptured(at), ...person, payment_method_details: card, status: "succeeded" };
    const intent = { id: "pi_1", status: "canceled", amount_received: 0, ...person };
    const made = [
      ...synthesized("refund", { amount: 4, charge, payment_intent: intent, ...person }),
      ...synthesized("payment_intent", { status: "succeeded", amount_received: 5, latest_charge: charge }),
      ...synthesized("charge", { ...charge, payment_intent: { ...intent, status: "succeeded" } }),
    ];
    expect(made).to.have.length(2);
    expect(made.map(({ body }) => body.toString()).join(" ")).not.to.match(/Jenny|jenny|4242/);
  });

  it("have the account and the mode in which the object was listed", () => {
    const [event] = synthesized("refund", { amount: 7 }, { ...found, account: "acct_1", livemode: false });
    expect(JSON.parse(event?.body.toString() ?? "")).to.include({ account: "acct_1", livemode: false });
  });
});
