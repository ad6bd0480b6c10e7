import { expect } from "chai";
import { assert, property, shuffledSubarray } from "fast-check";
import { describe, it } from "mocha";
import { outcomeOf, readRuleExamples, revenueDocument } from "./src/rule-examples.ts";

describe("An example beside a rule of docs/revenue.md", () => {
  const examples = readRuleExamples(revenueDocument);

  it("is found in the document", () => {
    expect(examples.length).to.be.greaterThan(20);
  });

  for (const { title, events, expected } of examples) {
    it(`has the entries in its table, in any order and repetition of events: ${title}`, () => {
      expect(outcomeOf(events)).to.deep.equal(expected);
      assert(
        property(shuffledSubarray([...events, ...events], { minLength: events.length * 2 }), (delivered) => {
          expect(outcomeOf(delivered)).to.deep.equal(expected);
        }),
      );
    });
  }

  it("fails if one of its amounts is changed", () => {
    const rows = [...revenueDocument.matchAll(/^\| [^|]+ \| [^|]+ \| [+-]?\d+ [a-z]{3} +\|/gm)];
    expect(rows.length).to.be.at.least(examples.length);
    for (const { 0: row, index } of rows) {
      const wrong = row.replace(/\d(?= [a-z]{3} +\|$)/, (digit) => String((Number(digit) + 1) % 10));
      const altered = `${revenueDocument.slice(0, index)}${wrong}${revenueDocument.slice(index + row.length)}`;
      const noticed = readRuleExamples(altered).filter(
        (example) => outcomeOf(example.events).join() !== example.expected.join(),
      );
      expect(noticed.length, row).to.equal(1);
    }
  });

  it("is rejected without its table of entries", () => {
    const [events] = /^\| id .*?\n\n/ms.exec(revenueDocument) ?? [];
    expect(() => readRuleExamples(`# A rule\n\n${events}`)).to.throw('"A rule"');
  });
});
