import { type Charge, createPaymentService, type Refund } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { aCharge, anEvent, aRefund, claimsOf } from "./payment-events.ts";

const service = createPaymentService();

function bookedOf(charge: Charge, apiVersion?: string): string[] {
  const event = anEvent({ object: "refunded_charge", charge }, { apiVersion });
  return claimsOf(service.interpret(event)).map(({ objectId }) => objectId);
}

function bookedAlone(refund: Refund): number {
  return claimsOf(service.interpret(anEvent({ object: "refund", refund }))).length;
}

/** A partial capture: 600 of 1000 taken, and the rest let go as the oldest refund of the list. */
const rest = aRefund({ id: "re_rest", amount: 400n, created: new Date("2024-05-01T00:00:00Z") });
const given = aRefund({ id: "re_given", amount: 400n, created: new Date("2024-05-02T00:00:00Z") });
const partly = (refunds: Refund[], amountRefunded: bigint): Charge =>
  aCharge({ amountCaptured: 600n, amountRefunded, refunds });

describe("A released authorisation", () => {
  it("is known by its reason", () => {
    expect(bookedAlone(aRefund({ reason: "expired_uncaptured_charge" }))).to.equal(0);
  });

  it("is known by the uncaptured charge that lists it", () => {
    expect(bookedOf(aCharge({ captured: false, refunds: [aRefund()] }))).to.deep.equal([]);
  });

  it("is known by the uncaptured charge that it carries", () => {
    expect(bookedAlone(aRefund({ charge: aCharge({ captured: false }) }))).to.equal(0);
  });

  it("is known by a charge that captured nothing", () => {
    expect(bookedOf(aCharge({ amountCaptured: 0n, refunds: [aRefund()] }))).to.deep.equal([]);
  });

  it("is known as the rest of a partial capture in versions that make a refund of it", () => {
    expect(bookedOf(partly([rest], 400n), "2022-08-01")).to.deep.equal([]);
  });

  it("is told from a later refund of the same amount by being the oldest", () => {
    expect(bookedOf(partly([given, rest], 800n), "2022-08-01")).to.deep.equal(["re_given"]);
  });

  it("is not a refund of another amount than the rest", () => {
    const refund = aRefund({ amount: 399n });
    expect(bookedOf(partly([refund], 399n), "2022-08-01")).to.deep.equal(["re_1"]);
  });

  it("is not a refund of a charge that was captured whole", () => {
    expect(bookedOf(aCharge({ amountRefunded: 400n, refunds: [rest] }), "2022-08-01")).to.deep.equal([
      "re_rest",
    ]);
  });

  it("is not a refund of a partial capture in versions that make no refund of the rest", () => {
    expect(bookedOf(partly([rest], 400n), "2025-03-31.basil")).to.deep.equal(["re_rest"]);
  });
});
