import { ledgerTypes } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readEventChoice } from "./src/event-choice.ts";
import { outcomeOf, readRuleExamples, revenueDocument } from "./src/rule-examples.ts";

describe("The table of event types to choose for an endpoint", () => {
  const choice = readEventChoice("docs/revenue.md");

  it("lists as money exactly the types that can reach the ledger", () => {
    expect(choice.get("always: money")).to.deep.equal([...ledgerTypes].toSorted());
  });

  it("is the same in the README, without the optional types", () => {
    const needed = [...choice].filter(([choose]) => choose !== "no");
    expect([...readEventChoice("README.md")]).to.deep.equal(needed);
  });

  for (const type of [...choice].flatMap(([choose, types]) => (choose === "no" ? [] : types))) {
    it(`needs ${type}: an example has other entries without it`, () => {
      const decided = readRuleExamples(revenueDocument).filter(({ events, expected }) => {
        const rest = events.filter((event) => event.type !== type);
        return outcomeOf(rest).join() !== expected.join();
      });
      expect(decided).to.not.be.empty;
    });
  }

  it("needs no other types: no example has other entries without them", () => {
    const unneeded = new Set(choice.get("no"));
    for (const { title, events, expected } of readRuleExamples(revenueDocument)) {
      const rest = events.filter(({ type }) => !unneeded.has(type));
      expect(outcomeOf(rest), title).to.deep.equal(expected);
    }
  });
});
