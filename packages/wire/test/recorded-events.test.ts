import { readdirSync, readFileSync } from "node:fs";
import type { PaymentEvent, Subject } from "@takings/domain";
import { decodeEvent, readEnvelope } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";

const folder = new URL("../../../test/fixtures/stripe-events/", import.meta.url);
const recorded = readdirSync(folder).filter((name) => name.endsWith(".json"));

function eventOf(name: string): PaymentEvent | undefined {
  return decodeEvent(readFileSync(new URL(`${name}.json`, folder)));
}

function subjectOf(name: string): Subject | undefined {
  return eventOf(name)?.subject;
}

describe("Recorded events", () => {
  it("are all recognised as events", () => {
    const strangers = recorded.filter(
      (name) => decodeEvent(readFileSync(new URL(name, folder))) === undefined,
    );
    expect(strangers).to.deep.equal([]);
  });

  it("have the same envelope before and after the stream", () => {
    for (const name of recorded) {
      const body = readFileSync(new URL(name, folder));
      expect(decodeEvent(body), name).to.include(readEnvelope(body));
    }
  });

  it("all have a time, a mode and an account", () => {
    const incomplete = recorded.filter((name) => {
      const event = decodeEvent(readFileSync(new URL(name, folder)));
      return event?.created === undefined || event.livemode === undefined || event.account === undefined;
    });
    expect(incomplete).to.deep.equal([]);
  });

  it("show a refund with its amount, its time and its PaymentIntent", () => {
    const subject = subjectOf("refund_created");
    expect(subject?.object === "refund" && subject.refund).to.include({
      id: "re_1Nispe2eZvKYlo2Cd31jOCgZ",
      amount: 1000n,
      currency: "usd",
      isNonRefund: false,
    });
    expect(eventOf("refund_created")?.facts?.shows).to.have.nested.property(
      "[0].paymentIntent",
      "pi_1GszsK2eZvKYlo2CfhZyoZLp",
    );
  });

  it("show a refunded charge with its list of refunds", () => {
    const subject = subjectOf("charge_refunded");
    const refunds = subject?.object === "refunded_charge" ? subject.charge.refunds : [];
    expect(refunds.map(({ id, amount }) => ({ id, amount }))).to.deep.equal([
      { id: "re_3Kl36gJDPojXS6LN0eP4yPDz", amount: 2500n },
    ]);
  });

  it("show a dispute without balance transactions yet", () => {
    const subject = subjectOf("charge_dispute_funds_withdrawn");
    expect(subject?.object === "dispute_withdrawal" && subject.dispute).to.deep.include({
      amount: 1000n,
      balanceTransactions: [],
    });
  });
});
