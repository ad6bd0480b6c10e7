import { isSourceName, messageIdOf } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";

describe("The name of a source", () => {
  for (const name of ["default", "a", "shop-eu", "2", "-", "x".repeat(40)])
    it(`may be ${name}`, () => {
      expect(isSourceName(name)).to.equal(true);
    });

  for (const name of [
    "",
    "Shop",
    "shop_eu",
    "shop/eu",
    "shop.eu",
    "shop eu",
    "größe",
    "eu\n",
    "x".repeat(41),
  ])
    it(`cannot be ${JSON.stringify(name)}`, () => {
      expect(isSourceName(name)).to.equal(false);
    });
});

describe("The message id of an event", () => {
  it("is the event's id, for the default source", () => {
    expect(messageIdOf({ source: "default", eventId: "evt_1" })).to.equal("evt_1");
  });

  it("begins with any other source", () => {
    expect(messageIdOf({ source: "shop-eu", eventId: "evt_1" })).to.equal("shop-eu/evt_1");
  });
});
