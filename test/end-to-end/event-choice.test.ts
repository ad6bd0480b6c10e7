import { endpointTypes, ledgerTypes } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readEventChoice } from "./src/event-choice.ts";
import { outcomeOf, readRuleExamples, revenueDocument } from "./src/rule-examples.ts";

describe("The table of event types to choose for an endpoint", () => {
  const choice = readEventChoice("docs/revenue.md");
  const always = [...choice].filter(([choose]) => choose.startsWith("always"));
  const typesOf = (...groups: readonly string[]): readonly string[] =>
    groups.flatMap((group) => choice.get(group) ?? []);

  it("lists as money exactly the types that can reach the ledger", () => {
    expect(choice.get("always: money")).to.deep.equal([...ledgerTypes].toSorted());
  });

  it("lists as needed exactly the types that takings endpoint lets an endpoint receive", () => {
    expect(always.flatMap(([, types]) => types).toSorted()).to.deep.equal(endpointTypes);
  });

  it("is the same in the README, without the types that are not needed", () => {
    expect([...readEventChoice("README.md")]).to.deep.equal(always);
  });

  for (const type of typesOf("always: money", "always: evidence", "covered")) {
    it(`needs ${type}: an example has other entries without it`, () => {
      const decided = readRuleExamples(revenueDocument).filter(({ events, expected }) => {
        const rest = events.filter((event) => event.type !== type);
        return outcomeOf(rest).join() !== expected.join();
      });
      expect(decided).to.not.be.empty;
    });
  }

  it("needs no other types for the ledger: no example has other entries without them", () => {
    const unneeded = new Set(typesOf("always: state", "no"));
    for (const { title, events, expected } of readRuleExamples(revenueDocument)) {
      const rest = events.filter(({ type }) => !unneeded.has(type));
      expect(outcomeOf(rest), title).to.deep.equal(expected);
    }
  });
});
