import { expect } from "chai";
import { describe, it } from "mocha";
import { afterResumed } from "../../src/balance/plan-round.ts";

const [early, late] = [new Date("2026-01-01T00:00:00Z"), new Date("2026-03-01T00:00:00Z")];
const began = new Date("2026-04-01T00:00:00Z");
const never = { completeFrom: undefined, completeThrough: undefined, readAt: undefined, round: undefined };
const before = { ...never, completeThrough: late };

describe("after a round that was resumed", () => {
  for (const [what, round, state, from] of [
    [
      "nothing of --from is left where it read as far",
      { from: early, rereadsMembers: true },
      before,
      undefined,
    ],
    ["--from is left where it did not read as far", { from: late, rereadsMembers: true }, before, early],
    ["--from is left where it read no members again", { from: early, rereadsMembers: false }, before, early],
    ["nothing is left of the first load", { from: undefined, rereadsMembers: false }, never, undefined],
  ] as const) {
    it(what, () => {
      expect(afterResumed({ from: early, overlapMs: 1 }, { began, ...round }, state)).to.deep.equal({
        from,
        overlapMs: 1,
      });
    });
  }
});
