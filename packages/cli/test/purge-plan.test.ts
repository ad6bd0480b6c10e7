import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { planPurge, type PurgeState } from "../src/purge/plan-purge.ts";

const sequence = fc.integer({ min: 1, max: 40 });

/** Any state of a stream with any committed sequences, however inconsistent. */
const states: fc.Arbitrary<PurgeState> = fc
  .record({
    first: sequence,
    length: fc.integer({ min: 0, max: 20 }),
    ackFloor: fc.integer({ min: 0, max: 60 }),
    committed: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }),
    deleted: fc.uniqueArray(sequence, { maxLength: 5 }),
    firstRecent: fc.option(sequence, { nil: undefined }),
  })
  .map(({ length, committed, ...rest }) => ({
    ...rest,
    last: rest.first + length - 1,
    committed: committed.toSorted((a, b) => a - b).map((one) => ({ first: one, last: one })),
    firstRecent: length === 0 ? undefined : rest.firstRecent,
  }));

function isRemovable(of: PurgeState, one: number): boolean {
  const committed = of.committed.some((range) => range.first <= one && one <= range.last);
  const isOld = of.firstRecent === undefined || one < of.firstRecent;
  return (committed || of.deleted.includes(one)) && one <= of.ackFloor && isOld;
}

function isUnsafe(plan: (of: PurgeState) => { readonly upTo: number }, of: PurgeState): boolean {
  const { upTo } = plan(of);
  for (let one = of.first; one <= upTo; one += 1) if (!isRemovable(of, one)) return true;
  return upTo > of.last && upTo >= of.first;
}

describe("the purge plan", () => {
  it("never includes a message that is not committed, not acknowledged or not old", () => {
    fc.assert(
      fc.property(states, (of) => !isUnsafe(planPurge, of)),
      { numRuns: 3_000 },
    );
  });

  it("includes every message up to the first that must stay", () => {
    fc.assert(
      fc.property(states, (of) => {
        const { upTo } = planPurge(of);
        return upTo >= of.last || !isRemovable(of, upTo + 1);
      }),
      { numRuns: 3_000 },
    );
  });

  // Three plausible but wrong plans, which the properties above must reject.
  const wrong: Record<string, (of: PurgeState) => { readonly upTo: number }> = {
    "uses only the acknowledgements": (of) => ({ upTo: Math.min(of.ackFloor, of.last) }),
    "uses the highest committed sequence": (of) => ({
      upTo: Math.min(of.ackFloor, of.committed.at(-1)?.last ?? 0, of.last),
    }),
    "ignores the age": (of) => planPurge({ ...of, firstRecent: undefined }),
  };
  for (const [what, plan] of Object.entries(wrong)) {
    it(`fails these properties if it ${what}`, () => {
      const found = fc.check(
        fc.property(states, (of) => !isUnsafe(plan, of)),
        { numRuns: 3_000 },
      );
      expect(found.failed).to.equal(true);
    });
  }

  const stream: PurgeState = {
    first: 5,
    last: 20,
    deleted: [],
    ackFloor: 15,
    committed: [{ first: 1, last: 30 }],
    firstRecent: undefined,
  };
  it("names what keeps the rest", () => {
    expect(planPurge(stream)).to.include({ upTo: 15, keptBy: "acknowledgement" });
    expect(planPurge({ ...stream, firstRecent: 9 })).to.include({ upTo: 8, keptBy: "age" });
    expect(planPurge({ ...stream, committed: [] })).to.include({ upTo: 4, keptBy: "commit" });
    expect(planPurge({ ...stream, committed: [], ackFloor: 4 })).to.include({ keptBy: "acknowledgement" });
    expect(planPurge({ ...stream, ackFloor: 20 })).to.include({ upTo: 20, keptBy: "nothing" });
  });

  it("skips sequences that are already deleted", () => {
    const committed = [
      { first: 5, last: 6 },
      { first: 9, last: 12 },
    ];
    expect(planPurge({ ...stream, committed, deleted: [7, 8] })).to.include({ upTo: 12 });
    expect(planPurge({ ...stream, committed, deleted: [7] })).to.include({ upTo: 7 });
  });
});
