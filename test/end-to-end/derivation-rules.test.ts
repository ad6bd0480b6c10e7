import { type DerivedLedger, deriveLedger } from "@takings/domain";
import { eventFacts } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";

type Fields = Readonly<Record<string, unknown>>;
type Body = Fields & { readonly id: string; readonly type: string; readonly created: number };

let count = 0;

/** An event of the newest API version, `at` seconds after the payment. */
function event(type: string, at: number, object: Fields, more: Fields = {}): Body {
  count += 1;
  return { id: `evt_${count}`, type, created: 1_790_000_000 + at, data: { object }, livemode: true, ...more };
}

const intent = (more: Fields = {}): Fields => ({
  id: "pi_1",
  object: "payment_intent",
  amount: 100,
  amount_received: 100,
  currency: "usd",
  status: "succeeded",
  ...more,
});
const charge = (more: Fields = {}): Fields => ({
  id: "ch_1",
  object: "charge",
  amount: 100,
  amount_captured: 100,
  amount_refunded: 0,
  captured: true,
  currency: "usd",
  payment_intent: "pi_1",
  status: "succeeded",
  ...more,
});
const refund = (id: string, amount: number, at: number, more: Fields = {}): Fields => ({
  id,
  object: "refund",
  amount,
  created: 1_790_000_000 + at,
  currency: "usd",
  charge: "ch_1",
  payment_intent: "pi_1",
  status: "succeeded",
  ...more,
});
const dispute = (transactions: readonly (readonly [id: string, amount: number])[]): Fields => ({
  id: "du_1",
  object: "dispute",
  amount: 100,
  currency: "eur",
  charge: "ch_1",
  payment_intent: "pi_1",
  balance_transactions: transactions.map(([id, amount]) => ({ id, amount, currency: "usd" })),
});

function derive(...bodies: readonly Body[]): DerivedLedger {
  return deriveLedger(bodies.map((body) => eventFacts(body, new Date(body.created * 1_000))));
}

function entries(...bodies: readonly Body[]): string[] {
  return derive(...bodies).entries.map(({ kind, objectId, amount }) => `${kind} ${objectId} ${amount}`);
}

function gaps(...bodies: readonly Body[]): string[] {
  return derive(...bodies).gaps.map(({ kind, objectId, amount }) => `${kind} ${objectId} ${amount}`);
}

describe("A charge's running total", () => {
  const paid = event("payment_intent.succeeded", 0, intent());

  it("excludes a refund that only an event of another type shows as failed", () => {
    const failed = charge({
      refunds: { object: "list", data: [refund("re_1", 40, 10, { status: "failed" })] },
    });
    const known = event("refund.created", 10, refund("re_1", 40, 10));
    const total = event("charge.refunded", 30, charge({ amount_refunded: 60 }));
    expect(gaps(paid, known, total)).to.deep.equal(["refund ch_1 20"]);
    expect(gaps(paid, known, event("charge.updated", 20, failed), total)).to.deep.equal(["refund ch_1 60"]);
  });

  it("is not a gap if an endpoint of another API version received the refund in the same second", () => {
    const refunded = charge({ amount_refunded: 40 });
    const told = event("charge.refunded", 10, refunded, { id: "evt_b", api_version: "2023-10-16" });
    const newer = event("charge.refunded", 10, refunded, { id: "evt_a" });
    expect(derive(paid, told, newer).gaps).to.deep.equal([]);
    expect(entries(paid, told, newer)).to.deep.equal(["payment pi_1 100", "refund ch_1 -40"]);
  });

  it("is that of the latest reconciled event, whatever their ids", () => {
    const late = event("charge.succeeded", 20, charge({ amount_refunded: 40 }), { id: "evt_reconcile_a" });
    const early = event("charge.succeeded", 10, charge(), { id: "evt_reconcile_b" });
    expect(gaps(paid, early, late)).to.deep.equal(["refund ch_1 40"]);
  });
});

describe("A released authorisation", () => {
  it("is a refund that names only the PaymentIntent of a charge that was never captured", () => {
    const canceled = event("charge.refunded", 10, charge({ captured: false, amount_refunded: 100 }));
    const released = event("refund.created", 10, refund("re_1", 100, 10, { charge: undefined }));
    expect(entries(canceled, released)).to.deep.equal([]);
  });

  it("is a refund that names only the charge of a PaymentIntent that was canceled", () => {
    const object = intent({ status: "canceled", amount_received: 0, latest_charge: "ch_1" });
    const released = event("refund.created", 10, refund("re_1", 100, 10, { payment_intent: undefined }));
    expect(entries(event("payment_intent.canceled", 10, object), released)).to.deep.equal([]);
  });

  it("is the earliest refund of the rest that was made within 60 s of the capture", () => {
    const captured = event("payment_intent.succeeded", 0, intent({ amount_received: 60 }));
    const made = (id: string, at: number): Body => event("refund.created", at, refund(id, 40, at));
    expect(entries(captured, made("re_1", 61))).to.deep.equal(["payment pi_1 60", "refund re_1 -40"]);
    expect(entries(captured, made("re_1", 60))).to.deep.equal(["payment pi_1 60"]);
    expect(entries(captured, made("re_1", 60), made("re_2", 59))).to.deep.equal([
      "payment pi_1 60",
      "refund re_1 -40",
    ]);
  });

  it("is not recognised by a capture of zero", () => {
    const nothing = event("charge.updated", 0, charge({ amount_captured: 0 }));
    const given = event("refund.created", 10, refund("re_1", 100, 10));
    expect(entries(nothing, given)).to.deep.equal(["refund re_1 -100"]);
  });
});

describe("A dispute in another currency", () => {
  const withdrawn = event("charge.dispute.funds_withdrawn", 0, dispute([["txn_1", -108]]));

  it("is reversed once if the reversal was counted before its transactions were listed", () => {
    const first = event("charge.dispute.funds_reinstated", 10, dispute([]));
    const listed = event("charge.dispute.funds_reinstated", 20, dispute([["txn_2", 108]]));
    expect(entries(withdrawn, first, listed)).to.deep.equal([
      "dispute du_1 -100",
      "dispute_reversal du_1 100",
    ]);
  });

  it("is reversed in proportion to all withdrawals that any event shows, if no withdrawal is known", () => {
    const back = event("charge.dispute.funds_reinstated", 10, dispute([["txn_2", 54]]));
    const closed = event("charge.dispute.closed", 20, dispute([["txn_1", -108]]));
    expect(entries(back, closed)).to.deep.equal(["dispute_reversal du_1 50"]);
  });
});

describe("The PaymentIntent of an entry", () => {
  const named = (...bodies: readonly Body[]): (string | undefined)[] =>
    derive(...bodies).entries.map(({ paymentIntent }) => paymentIntent);
  const alone = event("refund.created", 10, refund("re_1", 10, 10, { payment_intent: undefined }));

  it("is filled from another refund of the charge", () => {
    expect(named(alone, event("refund.created", 20, refund("re_2", 10, 20)))).to.deep.equal(["pi_1", "pi_1"]);
  });

  it("is filled from a PaymentIntent that names the charge", () => {
    const paid = event("payment_intent.succeeded", 0, intent({ latest_charge: "ch_1" }));
    expect(named(paid, alone)).to.deep.equal(["pi_1", "pi_1"]);
  });
});
