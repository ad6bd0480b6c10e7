import type { Reconciliation, ReconcileRun } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { concluded, listedFrom, planRun } from "../src/plan-run.ts";

const now = new Date("2026-06-30T12:00:00Z");
const unknown = { known: undefined, run: undefined };

function knownBetween(completeFrom: string, completeThrough: string): Reconciliation {
  return { completeFrom, completeThrough, missing: 0, different: 0, finishedAt: completeThrough };
}

function runOver(from: string, through: string, more: Partial<ReconcileRun> = {}): ReconcileRun {
  const counts = { listed: 9, published: 0, missing: 0, different: 0 };
  return { asked: {}, from: new Date(from), through: new Date(through), stage: "done", ...counts, ...more };
}

describe("The range of a reconciliation", () => {
  it("is the last thirty days, less the last ten minutes, the first time", () => {
    expect(planRun({}, now, unknown)).to.deep.include({
      from: new Date("2026-05-31T12:00:00Z"),
      through: new Date("2026-06-30T11:50:00Z"),
      stage: "event",
    });
  });

  it("begins a day before the books were complete, however long ago that is", () => {
    const known = knownBetween("2026-01-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z");
    expect(planRun({}, now, { known, run: undefined }).from).to.deep.equal(new Date("2026-03-01T00:00:00Z"));
  });

  it("is what was asked for, and never reaches into the last ten minutes", () => {
    const asked = { from: new Date("2024-01-01T00:00:00Z"), to: new Date("2030-01-01T00:00:00Z") };
    expect(planRun(asked, now, unknown)).to.deep.include({
      from: asked.from,
      through: new Date("2026-06-30T11:50:00Z"),
    });
  });

  it("is that of the run that was broken off, if the same was asked for", () => {
    const run = runOver("2026-06-01T00:00:00Z", "2026-06-30T11:00:00Z", { stage: "refund", cursor: "re_1" });
    expect(planRun({}, now, { known: undefined, run })).to.equal(run);
    expect(planRun({ from: run.from }, now, { known: undefined, run })).not.to.equal(run);
  });

  it("is a new one when the run was broken off more than a day ago", () => {
    const run = runOver("2026-06-01T00:00:00Z", "2026-06-29T11:00:00Z", { stage: "refund" });
    expect(planRun({}, now, { known: undefined, run })).not.to.equal(run);
  });
});

describe("What is listed", () => {
  it("is the range, while Stripe still lists all of its events", () => {
    const run = runOver("2026-06-01T00:00:00Z", "2026-06-30T00:00:00Z");
    expect([listedFrom("event", run), listedFrom("refund", run)]).to.deep.equal([run.from, run.from]);
  });

  it("is less of the events and older objects too, where Stripe lists its first events no more", () => {
    const run = runOver("2026-05-01T00:00:00Z", "2026-06-30T00:00:00Z");
    expect(listedFrom("event", run)).to.deep.equal(new Date("2026-05-31T00:00:00Z"));
    expect(listedFrom("refund", run)).to.deep.equal(new Date("2026-01-01T00:00:00Z"));
  });
});

describe("What is known after a reconciliation", () => {
  const known = knownBetween("2026-03-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z");

  it("reaches as far as the run when nothing is missing", () => {
    expect(concluded(runOver("2026-05-31T00:00:00Z", "2026-06-30T00:00:00Z"), known)).to.deep.equal({
      completeFrom: known.completeFrom,
      completeThrough: "2026-06-30T00:00:00.000Z",
      missing: 0,
      different: 0,
    });
  });

  it("reaches only to the first thing that is missing, even if that is earlier than before", () => {
    const firstMissing = new Date("2026-05-31T10:00:00Z");
    const run = runOver("2026-05-31T00:00:00Z", "2026-06-30T00:00:00Z", { missing: 2, firstMissing });
    expect(concluded(run, known)).to.deep.include({
      completeThrough: firstMissing.toISOString(),
      missing: 2,
    });
  });

  it("begins anew when the run left a hole after what was known", () => {
    expect(concluded(runOver("2026-06-10T00:00:00Z", "2026-06-30T00:00:00Z"), known)).to.deep.include({
      completeFrom: "2026-06-10T00:00:00.000Z",
    });
  });

  it("begins earlier after a run over an older range that touches it and has no gap", () => {
    expect(concluded(runOver("2025-01-01T00:00:00Z", "2026-03-01T00:00:00Z"), known)).to.deep.include({
      completeFrom: "2025-01-01T00:00:00.000Z",
      completeThrough: known.completeThrough,
    });
  });

  it("stays as it is after an older run with a gap, or one that does not touch it", () => {
    const firstMissing = new Date("2025-02-01T00:00:00Z");
    const gap = runOver("2025-01-01T00:00:00Z", "2026-03-01T00:00:00Z", { missing: 1, firstMissing });
    expect(concluded(gap, known)).to.equal(undefined);
    expect(concluded(runOver("2025-01-01T00:00:00Z", "2026-02-01T00:00:00Z"), known)).to.equal(undefined);
  });
});
