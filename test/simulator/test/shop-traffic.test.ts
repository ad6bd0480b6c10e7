import { expect } from "chai";
import { describe, it } from "mocha";
import { generateShopTraffic, shopEvents } from "../src/shop/traffic.ts";

const settings = { events: 2_000, seed: 42, run: "abc", now: 1_700_000_000 };
const { events, expected } = generateShopTraffic(settings);

describe("The traffic of a shop", () => {
  it("is the same for the same seed", () => {
    expect(generateShopTraffic(settings)).to.deep.equal({ events, expected });
  });

  it("differs for another seed", () => {
    expect(generateShopTraffic({ ...settings, seed: 43 }).expected).not.to.deep.equal(expected);
  });

  it("has exactly the requested number of events, with unique ids", () => {
    for (const count of [0, 1, 2, 50, 2_000]) {
      const ids = generateShopTraffic({ ...settings, events: count }).events.map(({ id }) => id);
      expect(new Set(ids).size).to.equal(count);
    }
  });

  it("shares no event id with another run", () => {
    const others = new Set(generateShopTraffic({ ...settings, run: "abd" }).events.map(({ id }) => id));
    expect(events.filter(({ id }) => others.has(id))).to.deep.equal([]);
  });

  it("has currencies with no, two and three decimals", () => {
    expect([...expected.keys()]).to.include.members(["usd", "eur", "jpy", "kwd"]);
  });

  it("charges three-decimal currencies in steps of ten, as Stripe does", () => {
    expect((expected.get("kwd")?.gross ?? 1n) % 10n).to.equal(0n);
  });

  it("has every kind of money movement", () => {
    const types = new Set(events.map(({ type }) => type));
    expect([...types]).to.include.members([
      "payment_intent.succeeded",
      "charge.succeeded",
      "charge.captured",
      "refund.created",
      "refund.failed",
      "charge.dispute.funds_withdrawn",
      "charge.dispute.funds_reinstated",
    ]);
  });

  it("lies in the day before it is sent", () => {
    const created = events.map(({ body }) => Number(JSON.parse(body).created));
    expect(Math.min(...created)).to.be.at.least(settings.now - 86_400);
    expect(Math.max(...created)).to.be.at.most(settings.now);
  });

  it("has bodies of realistic size", () => {
    const sizes = shopEvents(1)
      .take(1_000)
      .map(({ body }) => body.length)
      .toArray();
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).to.be.within(2_000, 4_000);
  });
});
