import { ledgerTypes } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readEventChoice } from "./src/event-choice.ts";
import { outcomeOf, readRuleExamples, revenueDocument } from "./src/rule-examples.ts";

describe("The table of event types to choose for an endpoint", () => {
  const choice = readEventChoice("docs/revenue.md");

  it("calls money exactly the types that can reach the ledger", () => {
    expect(choice.get("always: money")).to.deep.equal([...ledgerTypes].toSorted());
  });

  it("is the same in the README, without what is not needed", () => {
    const needed = [...choice].filter(([choose]) => choose !== "no");
    expect([...readEventChoice("README.md")]).to.deep.equal(needed);
  });

  for (const type of [...choice].flatMap(([choose, types]) => (choose === "no" ? [] : types))) {
    it(`is right to ask for ${type}: an example would come out otherwise without it`, () => {
      const decided = readRuleExamples(revenueDocument).filter(({ events, expected }) => {
        const rest = events.filter((event) => event.type !== type);
        return outcomeOf(rest).join() !== expected.join();
      });
      expect(decided).to.not.be.empty;
    });
  }

  it("is right not to ask for the others: no example needs them", () => {
    const unneeded = new Set(choice.get("no"));
    for (const { title, events, expected } of readRuleExamples(revenueDocument)) {
      const rest = events.filter(({ type }) => !unneeded.has(type));
      expect(outcomeOf(rest), title).to.deep.equal(expected);
    }
  });
});
