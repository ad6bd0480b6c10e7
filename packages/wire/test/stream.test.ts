import { expect } from "chai";
import { describe, it } from "mocha";
import { sourceOf, subjectOf } from "@takings/wire";

describe("the subject of an event", () => {
  it("is its type", () => {
    expect(subjectOf("charge.refunded")).to.equal("stripe.events.charge.refunded");
  });

  it("keeps a type that is not ASCII", () => {
    expect(subjectOf("größe.🎉")).to.equal("stripe.events.größe.🎉");
  });

  const unfit = { "is too long": "a".repeat(1_025), "has a NUL": "a\0b", "has half a pair": "a\ud800b" };
  for (const [what, type] of Object.entries(unfit)) {
    it(`is a hash where the type ${what}`, () => {
      expect(subjectOf(type)).to.match(/^stripe\.events\.sha256\.[0-9a-f]{64}$/);
    });
  }
});

describe("the source of a message", () => {
  it("is the default one where it has no header", () => {
    expect(sourceOf(undefined)).to.equal("default");
  });

  it("is what its header names", () => {
    expect(sourceOf("shop-eu")).to.equal("shop-eu");
  });

  it("is unknown where its header is not the name of a source", () => {
    expect(sourceOf("Shop EU")).to.equal(undefined);
  });
});
