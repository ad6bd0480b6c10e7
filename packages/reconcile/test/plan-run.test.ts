import type { Reconciliation, ReconcileRun } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { concludeRun, listedFrom, planRun } from "../src/plan-run.ts";

const now = new Date("2026-06-30T12:00:00Z");
const unknown = { known: undefined, run: undefined };

function knownBetween(completeFrom: string, completeThrough: string): Reconciliation {
  return { completeFrom, completeThrough, missing: 0, different: 0, finishedAt: completeThrough };
}

function runOver(from: string, through: string, more: Partial<ReconcileRun> = {}): ReconcileRun {
  const counts = { listed: 9, published: 0, missing: 0, different: 0 };
  return {
    requested: {},
    from: new Date(from),
    through: new Date(through),
    stage: "done",
    ...counts,
    ...more,
  };
}

describe("the range of a reconciliation", () => {
  it("is the last thirty days except the last ten minutes, the first time", () => {
    expect(planRun({}, now, unknown)).to.deep.include({
      from: new Date("2026-05-31T12:00:00Z"),
      through: new Date("2026-06-30T11:50:00Z"),
      stage: "event",
    });
  });

  it("starts a day before the ledger is complete through, however long ago that is", () => {
    const known = knownBetween("2026-01-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z");
    expect(planRun({}, now, { known, run: undefined }).from).to.deep.equal(new Date("2026-03-01T00:00:00Z"));
  });

  it("is the requested one, but never includes the last ten minutes", () => {
    const requested = { from: new Date("2024-01-01T00:00:00Z"), to: new Date("2030-01-01T00:00:00Z") };
    expect(planRun(requested, now, unknown)).to.deep.include({
      from: requested.from,
      through: new Date("2026-06-30T11:50:00Z"),
    });
  });

  it("is that of an interrupted run with the same request", () => {
    const run = runOver("2026-06-01T00:00:00Z", "2026-06-30T11:00:00Z", { stage: "refund", cursor: "re_1" });
    expect(planRun({}, now, { known: undefined, run })).to.equal(run);
    expect(planRun({ from: run.from }, now, { known: undefined, run })).not.to.equal(run);
  });

  it("is a new one when the run was interrupted more than a day ago", () => {
    const run = runOver("2026-06-01T00:00:00Z", "2026-06-29T11:00:00Z", { stage: "refund" });
    expect(planRun({}, now, { known: undefined, run })).not.to.equal(run);
  });
});

describe("the listed objects", () => {
  it("are those of the range, while Stripe still lists all its events", () => {
    const run = runOver("2026-06-01T00:00:00Z", "2026-06-30T00:00:00Z");
    expect([listedFrom("event", run), listedFrom("refund", run)]).to.deep.equal([run.from, run.from]);
  });

  it("include older objects when Stripe no longer lists the first events of the range", () => {
    const run = runOver("2026-05-01T00:00:00Z", "2026-06-30T00:00:00Z");
    expect(listedFrom("event", run)).to.deep.equal(new Date("2026-05-31T00:00:00Z"));
    expect(listedFrom("refund", run)).to.deep.equal(new Date("2026-01-01T00:00:00Z"));
  });
});

describe("the recorded completeness after a reconciliation", () => {
  const known = knownBetween("2026-03-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z");

  it("extends to the end of the run when nothing is missing", () => {
    expect(concludeRun(runOver("2026-05-31T00:00:00Z", "2026-06-30T00:00:00Z"), known)).to.deep.equal({
      completeFrom: known.completeFrom,
      completeThrough: "2026-06-30T00:00:00.000Z",
      missing: 0,
      different: 0,
    });
  });

  it("extends only to the first missing object, even if that is earlier than before", () => {
    const firstMissing = new Date("2026-05-31T10:00:00Z");
    const run = runOver("2026-05-31T00:00:00Z", "2026-06-30T00:00:00Z", { missing: 2, firstMissing });
    expect(concludeRun(run, known)).to.deep.include({
      completeThrough: firstMissing.toISOString(),
      missing: 2,
    });
  });

  it("starts again when the run left a hole after the known range", () => {
    expect(concludeRun(runOver("2026-06-10T00:00:00Z", "2026-06-30T00:00:00Z"), known)).to.deep.include({
      completeFrom: "2026-06-10T00:00:00.000Z",
    });
  });

  it("starts earlier after a complete run over an older, adjacent range", () => {
    expect(concludeRun(runOver("2025-01-01T00:00:00Z", "2026-03-01T00:00:00Z"), known)).to.deep.include({
      completeFrom: "2025-01-01T00:00:00.000Z",
      completeThrough: known.completeThrough,
    });
  });

  it("is unchanged after an incomplete or non-adjacent run over an older range", () => {
    const firstMissing = new Date("2025-02-01T00:00:00Z");
    const gap = runOver("2025-01-01T00:00:00Z", "2026-03-01T00:00:00Z", { missing: 1, firstMissing });
    expect(concludeRun(gap, known)).to.equal(undefined);
    expect(concludeRun(runOver("2025-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), known)).to.equal(undefined);
  });
});
