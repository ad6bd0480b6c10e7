import { createPaymentService, type PaymentEvent, type Subject } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { aCharge, aDispute, anEvent, aRefund, someFacts } from "./payment-events.ts";

const service = createPaymentService((source) => (source === "default" ? "acct_platform" : undefined));

/** Why an event is quarantined; `undefined` where it is not. */
function reasonOf(subject: Subject, different?: Partial<PaymentEvent>): string | undefined {
  const meaning = service.interpret(anEvent(subject, different));
  return meaning.status === "quarantined" ? meaning.reason : undefined;
}

const intent = (amountReceived: bigint | undefined, currency: string | undefined = "usd"): Subject => ({
  object: "payment_intent",
  paymentIntent: { id: "pi_1", amountReceived, currency },
});

/** One complete event of each type that moves money. */
const counting: Readonly<Record<string, Subject>> = {
  "a PaymentIntent": intent(5n),
  "a charge without a PaymentIntent": { object: "charge", charge: aCharge() },
  "the failure of a charge without a PaymentIntent": { object: "failed_charge", charge: aCharge() },
  "a refund": { object: "refund", refund: aRefund() },
  "a charge that lists refunds": { object: "refunded_charge", charge: aCharge({ refunds: [aRefund()] }) },
  "a dispute": { object: "dispute_withdrawal", dispute: aDispute() },
  "the end of a dispute": { object: "dispute_reinstatement", dispute: aDispute() },
};

describe("The payment service, interpreting an event,", () => {
  for (const [name, subject] of Object.entries({
    ...counting,
    "something else": { object: "other" } as const,
  })) {
    it(`keeps the facts of the event of ${name}, whether or not it counts`, () => {
      expect(service.interpret(anEvent(subject))).to.deep.equal({
        status: "processed",
        facts: someFacts,
        balance: undefined,
      });
    });
  }

  it("finds no facts where no payment object is shown", () => {
    const facts = { ...someFacts, shows: [] };
    expect(service.interpret(anEvent({ object: "other" }, { facts }))).to.deep.equal({
      status: "processed",
      facts: undefined,
      balance: undefined,
    });
  });

  for (const unknown of ["livemode", "account", "facts"] as const) {
    it(`finds no facts in an event that is only evidence and has no ${unknown}`, () => {
      const meaning = service.interpret(anEvent({ object: "other" }, { [unknown]: undefined }));
      expect(meaning).to.deep.equal({ status: "processed", facts: undefined, balance: undefined });
    });
  }
});

describe("The owner of an event", () => {
  it("is the platform where the event names the platform's account", () => {
    expect(service.ownerOf(anEvent({ object: "other" }, { account: "acct_platform" }), "default")).to.equal(
      null,
    );
  });

  it("is a connected account where the event names the platform's account of another source", () => {
    const event = anEvent({ object: "other" }, { account: "acct_platform" });
    expect(service.ownerOf(event, "shop-eu")).to.equal("acct_platform");
  });

  it("is the connected account that the event names", () => {
    expect(service.ownerOf(anEvent(intent(5n), { account: "acct_shop" }), "default")).to.equal("acct_shop");
  });

  it("is the platform where the account cannot be read and the event does not count", () => {
    expect(service.ownerOf(anEvent({ object: "other" }, { account: undefined }), "default")).to.equal(null);
  });
});

describe("The payment service, given an event that it cannot understand,", () => {
  for (const [name, subject] of Object.entries(counting)) {
    for (const [fact, reason] of Object.entries({
      livemode: /livemode/,
      created: /event created/,
      account: /account/,
    })) {
      it(`quarantines ${name} without ${fact}, and names it`, () => {
        expect(reasonOf(subject, { [fact]: undefined })).to.match(reason);
      });
    }
  }

  const broken: Readonly<Record<string, readonly [Subject, RegExp]>> = {
    "a PaymentIntent whose amount is missing or malformed": [intent(undefined), /amount_received/],
    "a PaymentIntent whose currency is malformed": [
      { object: "payment_intent", paymentIntent: { id: "pi_1", amountReceived: 5n, currency: undefined } },
      /currency/,
    ],
    "a PaymentIntent without an id": [
      { object: "payment_intent", paymentIntent: { id: undefined, amountReceived: 5n, currency: "usd" } },
      /payment_intent id/,
    ],
    "a charge that does not say whether it was captured": [
      { object: "charge", charge: aCharge({ captured: undefined }) },
      /captured/,
    ],
    "a charge whose PaymentIntent cannot be read, as its money may be counted already": [
      { object: "charge", charge: aCharge({ paymentIntent: undefined }) },
      /payment_intent/,
    ],
    "a charge without a captured amount": [
      { object: "charge", charge: aCharge({ amountCaptured: undefined }) },
      /amount_captured/,
    ],
    "a failed charge without an id": [
      { object: "failed_charge", charge: aCharge({ id: undefined }) },
      /charge id/,
    ],
    "a refund without its own time": [
      { object: "refund", refund: aRefund({ created: undefined }) },
      /refund created/,
    ],
    "a refund without an amount": [
      { object: "refund", refund: aRefund({ amount: undefined }) },
      /refund amount/,
    ],
    "a whole refunded charge when one of its refunds is broken": [
      {
        object: "refunded_charge",
        charge: aCharge({ refunds: [aRefund(), aRefund({ id: "re_2", amount: undefined })] }),
      },
      /refund amount/,
    ],
    "a refunded charge that is no charge at all": [
      { object: "refunded_charge", charge: aCharge({ id: undefined }) },
      /charge id/,
    ],
    "a refunded charge whose running total counts and cannot be read": [
      { object: "refunded_charge", charge: aCharge({ amountRefunded: undefined }) },
      /amount_refunded/,
    ],
    "a dispute of which one balance transaction cannot be read": [
      {
        object: "dispute_withdrawal",
        dispute: aDispute({ balanceTransactions: [{ amount: -5n }, { amount: undefined }] }),
      },
      /balance transaction amount/,
    ],
    "a dispute of which nothing says how much moved": [
      { object: "dispute_reinstatement", dispute: aDispute({ amount: undefined }) },
      /dispute amount/,
    ],
  };
  const ofRunningTotals = { ...someFacts, apiVersion: "2023-10-16" };
  for (const [name, [subject, reason]] of Object.entries(broken)) {
    it(`quarantines ${name}`, () => {
      expect(reasonOf(subject, { facts: ofRunningTotals })).to.match(reason);
    });
  }

  it("quarantines a thin event of a type that would count", () => {
    expect(reasonOf({ object: "thin" }, { type: "v1.refund.created" })).to.match(/v1\.refund\.created/);
  });

  const idle: Readonly<Record<string, Subject>> = {
    "a PaymentIntent that received nothing": {
      object: "payment_intent",
      paymentIntent: { id: undefined, amountReceived: 0n, currency: undefined },
    },
    "a charge that has a PaymentIntent": {
      object: "charge",
      charge: aCharge({ captured: undefined, paymentIntent: "pi_1" }),
    },
    "a charge that is not captured": {
      object: "charge",
      charge: aCharge({ captured: false, amountCaptured: undefined }),
    },
    "the mirror of a transfer": {
      object: "charge",
      charge: aCharge({ fromTransfer: true, amountCaptured: undefined }),
    },
    "a failed charge of a PaymentIntent": {
      object: "failed_charge",
      charge: aCharge({ id: undefined, paymentIntent: "pi_1" }),
    },
    "a refund that says that it is none": {
      object: "refund",
      refund: aRefund({ isNonRefund: true, amount: undefined }),
    },
    "a refund of nothing": { object: "refund", refund: aRefund({ amount: 0n, created: undefined }) },
    "a refunded charge that lists no refunds, of a version that tells of them otherwise": {
      object: "refunded_charge",
      charge: aCharge({ amountRefunded: undefined }),
    },
    "a dispute over nothing": {
      object: "dispute_withdrawal",
      dispute: aDispute({ amount: 0n, id: undefined }),
    },
    "anything else": { object: "other" },
  };
  for (const [name, subject] of Object.entries(idle)) {
    it(`accepts ${name}, whatever is malformed in it`, () => {
      expect(reasonOf(subject, { livemode: undefined, created: undefined })).to.equal(undefined);
    });
  }
});
