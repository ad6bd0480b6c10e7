import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { planPurge, type PurgeState } from "../src/purge/plan-purge.ts";

const sequence = fc.integer({ min: 1, max: 40 });

/** Any state of a stream, and anything a database may say of it, however little they fit. */
const facts: fc.Arbitrary<PurgeState> = fc
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

function mayGo(of: PurgeState, one: number): boolean {
  const committed = of.committed.some((range) => range.first <= one && one <= range.last);
  const isOld = of.firstRecent === undefined || one < of.firstRecent;
  return (committed || of.deleted.includes(one)) && one <= of.ackFloor && isOld;
}

function breaks(plan: (of: PurgeState) => { readonly upTo: number }, of: PurgeState): boolean {
  const { upTo } = plan(of);
  for (let one = of.first; one <= upTo; one += 1) if (!mayGo(of, one)) return true;
  return upTo > of.last && upTo >= of.first;
}

describe("the plan of a purge", () => {
  it("never takes what is not committed, not acknowledged or not old", () => {
    fc.assert(
      fc.property(facts, (of) => !breaks(planPurge, of)),
      { numRuns: 3_000 },
    );
  });

  it("takes all that may go, up to the first that may not", () => {
    fc.assert(
      fc.property(facts, (of) => {
        const { upTo } = planPurge(of);
        return upTo >= of.last || !mayGo(of, upTo + 1);
      }),
      { numRuns: 3_000 },
    );
  });

  // Three plans that look right: the checks above must be able to tell.
  const wrong: Record<string, (of: PurgeState) => { readonly upTo: number }> = {
    "goes by the acknowledgements alone": (of) => ({ upTo: Math.min(of.ackFloor, of.last) }),
    "goes by the highest sequence committed": (of) => ({
      upTo: Math.min(of.ackFloor, of.committed.at(-1)?.last ?? 0, of.last),
    }),
    "forgets the age": (of) => planPurge({ ...of, firstRecent: undefined }),
  };
  for (const [what, plan] of Object.entries(wrong)) {
    it(`would be found out if it ${what}`, () => {
      const found = fc.check(
        fc.property(facts, (of) => !breaks(plan, of)),
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
  it("says what keeps the rest", () => {
    expect(planPurge(stream)).to.include({ upTo: 15, keptBy: "acknowledgement" });
    expect(planPurge({ ...stream, firstRecent: 9 })).to.include({ upTo: 8, keptBy: "age" });
    expect(planPurge({ ...stream, committed: [] })).to.include({ upTo: 4, keptBy: "commit" });
    expect(planPurge({ ...stream, committed: [], ackFloor: 4 })).to.include({ keptBy: "acknowledgement" });
    expect(planPurge({ ...stream, ackFloor: 20 })).to.include({ upTo: 20, keptBy: "nothing" });
  });

  it("passes over sequences that are gone already", () => {
    const committed = [
      { first: 5, last: 6 },
      { first: 9, last: 12 },
    ];
    expect(planPurge({ ...stream, committed, deleted: [7, 8] })).to.include({ upTo: 12 });
    expect(planPurge({ ...stream, committed, deleted: [7] })).to.include({ upTo: 7 });
  });
});
