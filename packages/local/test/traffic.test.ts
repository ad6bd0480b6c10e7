import { expect } from "chai";
import { describe, it } from "mocha";
import { generateTraffic } from "../src/traffic.ts";

const settings = { events: 2_000, seed: 42, run: "abc", now: 1_700_000_000 };
const { events, expected } = generateTraffic(settings);

describe("invented traffic", () => {
  it("is the same for the same seed", () => {
    expect(generateTraffic(settings)).to.deep.equal({ events, expected });
  });

  it("is another for another seed", () => {
    expect(generateTraffic({ ...settings, seed: 43 }).expected).not.to.deep.equal(expected);
  });

  it("has exactly as many events as asked for, each with an id of its own", () => {
    for (const count of [0, 1, 2, 50, 2_000]) {
      const ids = generateTraffic({ ...settings, events: count }).events.map(({ id }) => id);
      expect(new Set(ids).size).to.equal(count);
    }
  });

  it("shares no event id with another run", () => {
    const others = new Set(generateTraffic({ ...settings, run: "abd" }).events.map(({ id }) => id));
    expect(events.filter(({ id }) => others.has(id))).to.deep.equal([]);
  });

  it("comes in currencies with no, two and three decimals", () => {
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
});
