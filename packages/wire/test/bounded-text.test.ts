import { expect } from "chai";
import { describe, it } from "mocha";
import { boundedText, labelOf } from "../src/bounded-text.ts";

describe("text of a sender's choice", () => {
  it("stays as it is while it is as short as Stripe's", () => {
    expect(labelOf("payment_intent.succeeded")).to.equal("payment_intent.succeeded");
    expect(boundedText("the amount is missing")).to.equal("the amount is missing");
  });

  it("is cut where it is long, and never in the middle of a character", () => {
    expect(labelOf("x".repeat(250_000))).to.equal(`${"x".repeat(99)}…`);
    expect(boundedText("é😀".repeat(100_000)).length).to.equal(500);
    expect(labelOf(`${"x".repeat(98)}😀${"x".repeat(98)}`).isWellFormed()).to.equal(true);
    expect(labelOf("\uD800").isWellFormed()).to.equal(true);
  });
});
