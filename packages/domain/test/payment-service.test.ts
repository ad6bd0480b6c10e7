import { createPaymentService, type PaymentEvent, type Subject } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { aCharge, aDispute, anEvent, aRefund, claimsOf } from "./payment-events.ts";

const service = createPaymentService("acct_platform");

function amountsOf(subject: Subject, facts?: Partial<PaymentEvent>): string[] {
  return claimsOf(service.interpret(anEvent(subject, facts))).map(({ kind, amount }) => `${kind} ${amount}`);
}

function reasonOf(subject: Subject, facts?: Partial<PaymentEvent>): string {
  const meaning = service.interpret(anEvent(subject, facts));
  return meaning.status === "quarantined" ? meaning.reason : "not quarantined";
}

const intent = (amountReceived: bigint | undefined, currency: string | undefined = "usd"): Subject => ({
  object: "payment_intent",
  paymentIntent: { id: "pi_1", amountReceived, currency },
});

describe("The payment service, asked about payments,", () => {
  it("books a succeeded PaymentIntent with what was received", () => {
    const [claim] = claimsOf(service.interpret(anEvent(intent(1234n))));
    expect(claim).to.deep.equal({
      kind: "payment",
      account: null,
      livemode: true,
      objectId: "pi_1",
      amount: 1234n,
      currency: "usd",
      occurredAt: new Date("2024-05-06T07:08:09Z"),
      decidedBy: { created: new Date("2024-05-06T07:08:09Z"), eventId: "evt_1" },
      paymentIntent: { id: "pi_1", saidBy: { created: new Date("2024-05-06T07:08:09Z"), eventId: "evt_1" } },
    });
  });

  it("books nothing for a PaymentIntent that received nothing", () => {
    expect(amountsOf(intent(0n))).to.deep.equal([]);
  });

  it("books a captured charge without a PaymentIntent", () => {
    expect(amountsOf({ object: "charge", charge: aCharge({ amountCaptured: 600n }) })).to.deep.equal([
      "payment 600",
    ]);
  });

  it("leaves a charge that has a PaymentIntent to that PaymentIntent", () => {
    expect(amountsOf({ object: "charge", charge: aCharge({ paymentIntent: "pi_1" }) })).to.deep.equal([]);
  });

  it("books nothing for a charge that is not captured", () => {
    expect(amountsOf({ object: "charge", charge: aCharge({ captured: false }) })).to.deep.equal([]);
  });

  it("books nothing for the mirror of a transfer", () => {
    expect(
      amountsOf({ object: "charge", charge: aCharge({ id: "py_1", fromTransfer: true }) }),
    ).to.deep.equal([]);
  });
});

describe("The payment service, asked about refunds,", () => {
  it("books a refund at the refund's own time", () => {
    const [claim] = claimsOf(service.interpret(anEvent({ object: "refund", refund: aRefund() })));
    expect(claim?.occurredAt).to.deep.equal(new Date("2024-05-01T00:00:00Z"));
  });

  for (const status of ["pending", "requires_action", "succeeded", undefined]) {
    it(`books a refund of status ${status} as given back`, () => {
      expect(amountsOf({ object: "refund", refund: aRefund({ status }) })).to.deep.equal(["refund -400"]);
    });
  }

  for (const status of ["failed", "canceled"]) {
    it(`books a refund of status ${status} twice: given back, and returned`, () => {
      const booked = amountsOf({ object: "refund", refund: aRefund({ status }) });
      expect(booked).to.deep.equal(["refund -400", "refund_reversal 400"]);
    });
  }

  it("dates a refund's reversal by the event", () => {
    const failed = anEvent({ object: "refund", refund: aRefund({ status: "failed" }) });
    expect(claimsOf(service.interpret(failed))[1]?.occurredAt).to.deep.equal(failed.created);
  });

  it("books each listed refund of a refunded charge and never its running total", () => {
    const refunds = [aRefund({ amount: 100n }), aRefund({ id: "re_2", amount: 50n })];
    const charge = aCharge({ amountRefunded: 150n, refunds });
    expect(amountsOf({ object: "refunded_charge", charge })).to.deep.equal(["refund -100", "refund -50"]);
  });

  it("books nothing for a refunded charge that lists no refunds", () => {
    expect(amountsOf({ object: "refunded_charge", charge: aCharge({ amountRefunded: 150n }) })).to.deep.equal(
      [],
    );
  });

  it("takes the PaymentIntent of a listed refund from its charge when the refund does not name it", () => {
    const charge = aCharge({ paymentIntent: "pi_9", refunds: [aRefund({ paymentIntent: undefined })] });
    const [claim] = claimsOf(service.interpret(anEvent({ object: "refunded_charge", charge })));
    expect(claim?.paymentIntent?.id).to.equal("pi_9");
  });
});

describe("The payment service, asked about disputes,", () => {
  const withdrawal = (facts: Parameters<typeof aDispute>[0]): string[] =>
    amountsOf({ object: "dispute_withdrawal", dispute: aDispute(facts) });
  const reinstatement = (facts: Parameters<typeof aDispute>[0]): string[] =>
    amountsOf({ object: "dispute_reinstatement", dispute: aDispute(facts) });
  const bothWays = [
    { amount: -690n, currency: "usd" },
    { amount: 680n, currency: "usd" },
  ];

  it("books the disputed amount when no balance transaction says what moved", () => {
    expect(withdrawal({})).to.deep.equal(["dispute -700"]);
  });

  it("books what the balance transactions took", () => {
    expect(withdrawal({ balanceTransactions: bothWays })).to.deep.equal(["dispute -690"]);
  });

  it("books what the balance transactions gave back", () => {
    expect(reinstatement({ balanceTransactions: bothWays })).to.deep.equal(["dispute_reversal 680"]);
  });

  it("books the disputed amount when no balance transaction goes in its direction", () => {
    const balanceTransactions = bothWays.slice(0, 1);
    expect(reinstatement({ balanceTransactions })).to.deep.equal(["dispute_reversal 700"]);
  });

  it("adds up several balance transactions of one direction", () => {
    const balanceTransactions = [...bothWays, { amount: -10n, currency: "usd" }];
    expect(withdrawal({ balanceTransactions })).to.deep.equal(["dispute -700"]);
  });

  it("ignores balance transactions of another currency", () => {
    expect(withdrawal({ balanceTransactions: [{ amount: -5n, currency: "eur" }] })).to.deep.equal([
      "dispute -700",
    ]);
  });
});

describe("The payment service, asked whose an event is,", () => {
  it("takes an event that names the platform's own account for the platform's own", () => {
    expect(service.ownerOf(anEvent({ object: "other" }, { account: "acct_platform" }))).to.equal(null);
  });

  it("leaves an event of a connected account to that account", () => {
    const [claim] = claimsOf(service.interpret(anEvent(intent(5n), { account: "acct_shop" })));
    expect(claim?.account).to.equal("acct_shop");
  });

  it("keeps test mode apart", () => {
    expect(claimsOf(service.interpret(anEvent(intent(5n), { livemode: false })))[0]?.livemode).to.equal(
      false,
    );
  });
});

describe("The payment service, asked about what it cannot understand,", () => {
  it("quarantines an amount that is missing or malformed, and names it", () => {
    expect(reasonOf(intent(undefined))).to.match(/amount_received/);
  });

  it("quarantines a malformed currency, and names it", () => {
    const nameless = { id: "pi_1", amountReceived: 5n, currency: undefined };
    expect(reasonOf({ object: "payment_intent", paymentIntent: nameless })).to.match(/currency/);
  });

  it("quarantines money of unknown mode", () => {
    expect(reasonOf(intent(5n), { livemode: undefined })).to.match(/livemode/);
  });

  it("quarantines money of an unknown time", () => {
    expect(reasonOf(intent(5n), { created: undefined })).to.match(/created/);
  });

  it("quarantines a thin event of a type that would count", () => {
    expect(reasonOf({ object: "thin" }, { type: "v1.refund.created" })).to.match(/v1\.refund\.created/);
  });

  it("quarantines a whole refunded charge when one of its refunds is broken", () => {
    const charge = aCharge({ refunds: [aRefund(), aRefund({ id: "re_2", amount: undefined })] });
    expect(reasonOf({ object: "refunded_charge", charge })).to.match(/refund amount/);
  });

  it("quarantines a charge that does not say whether it was captured", () => {
    expect(reasonOf({ object: "charge", charge: aCharge({ captured: undefined }) })).to.match(/captured/);
  });

  it("has no quarrel with the capture of a charge that counts nothing anyway", () => {
    const charge = aCharge({ captured: undefined, paymentIntent: "pi_1" });
    expect(amountsOf({ object: "charge", charge })).to.deep.equal([]);
  });

  it("quarantines a refunded charge that is no charge at all", () => {
    const nothing = aCharge({ id: undefined, refunds: [] });
    expect(reasonOf({ object: "refunded_charge", charge: nothing })).to.match(/charge id/);
  });

  it("has no quarrel with an event that counts nothing", () => {
    expect(amountsOf({ object: "other" }, { livemode: undefined, created: undefined })).to.deep.equal([]);
  });
});
