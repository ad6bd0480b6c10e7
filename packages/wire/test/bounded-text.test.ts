import { expect } from "chai";
import { describe, it } from "mocha";
import { boundedText, boundedType } from "../src/bounded-text.ts";

describe("text from a sender", () => {
  it("is unchanged while it is as short as Stripe's", () => {
    expect(boundedType("payment_intent.succeeded")).to.equal("payment_intent.succeeded");
    expect(boundedText("the amount is missing")).to.equal("the amount is missing");
  });

  it("is truncated where it is long, and never within a character", () => {
    expect(boundedType("x".repeat(250_000))).to.equal(`${"x".repeat(99)}…`);
    expect(boundedText("é😀".repeat(100_000)).length).to.equal(500);
    expect(boundedType(`${"x".repeat(98)}😀${"x".repeat(98)}`).isWellFormed()).to.equal(true);
    expect(boundedType("\uD800").isWellFormed()).to.equal(true);
  });
});
