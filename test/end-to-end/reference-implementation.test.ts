import { createRandom } from "@takings/simulator";
import { expect } from "chai";
import { describe, it } from "mocha";
import { derived, differences } from "./src/reference-implementation/compare.ts";
import {
  randomEvents,
  randomPayments,
  randomPlatform,
} from "./src/reference-implementation/random-events.ts";
import { referenceLedger } from "./src/reference-implementation/reference-ledger.ts";
import { shrink } from "./src/reference-implementation/shrink.ts";

const seeds = Array.from({ length: 1_250 }, (_, seed) => seed);
const derive = (events: Parameters<typeof derived>[0]): string[] =>
  derived(events, randomPlatform).toSorted();

describe("The reference implementation of the ledger's rules", () => {
  it("agrees with the product on 20,000 random events", () => {
    for (const seed of seeds) {
      const events = randomEvents(createRandom(seed));
      if (differences(events, randomPlatform).length === 0) continue;
      const least = shrink(events, (some) => differences(some, randomPlatform).length > 0);
      expect(differences(least, randomPlatform), `seed ${seed}: ${JSON.stringify(least)}`).to.deep.equal([]);
    }
  }).timeout(120_000);

  it("has every rule exercised by those events", () => {
    const met = new Map<string, number>();
    for (const seed of seeds) {
      const { entries, gaps } = referenceLedger(randomEvents(createRandom(seed)), randomPlatform);
      const rules = [
        ...entries.map(
          ({ kind, object_id, key_event }) =>
            `${kind} ${object_id.slice(0, 2)}${key_event === null ? "" : " again"}`,
        ),
        ...gaps.map(({ kind }) => `gap ${kind}`),
      ];
      for (const rule of rules) met.set(rule, (met.get(rule) ?? 0) + 1);
    }
    expect([...met].filter(([, times]) => times >= 10).map(([rule]) => rule)).to.have.members([
      "payment pi",
      "payment pi again",
      "payment ch",
      "payment ch again",
      "refund re",
      "refund ch",
      "refund ch again",
      "refund_reversal re",
      "dispute du",
      "dispute du again",
      "dispute_reversal du",
      "dispute_reversal du again",
      "gap payment",
      "gap refund",
    ]);
  }).timeout(120_000);
});

describe("The ledger of random payments", () => {
  it("is the same in any order of their events, however often each comes", () => {
    for (const seed of seeds.slice(0, 400)) {
      const random = createRandom(seed);
      const events = randomEvents(random);
      const delivered = random.shuffle([...events, ...events.filter(() => random.chance(0.5))]);
      expect(derive(delivered), `seed ${seed}`).to.deep.equal(derive(events));
    }
  }).timeout(120_000);

  it("is that of each payment by itself", () => {
    for (const seed of seeds.slice(0, 400)) {
      const payments = randomPayments(createRandom(seed));
      const each = payments.flatMap((events) => derive(events)).toSorted();
      expect(derive(payments.flat()), `seed ${seed}`).to.deep.equal(each);
    }
  }).timeout(120_000);
});
