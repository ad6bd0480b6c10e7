import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createPeriodicCheck } from "../src/periodic-check.ts";

describe("a periodic check", () => {
  it("runs at once and then at intervals until it is stopped", async () => {
    let runs = 0;
    const check = createPeriodicCheck({ check: async () => (runs += 1), intervalMs: 1 });
    expect(runs).to.equal(0);
    check.start();
    expect(runs).to.equal(1);
    await eventually("a third run", () => runs >= 3);
    check.stop();
    const runsAtStop = runs;
    let ticks = 0;
    const clock = createPeriodicCheck({ check: async () => (ticks += 1), intervalMs: 1 });
    clock.start();
    await eventually("further intervals", () => ticks >= 10);
    clock.stop();
    expect(runs).to.equal(runsAtStop);
  });

  it("keeps the last success when a later check fails, and clears the failure with the next success", async () => {
    const outcomes = [async () => "first", () => Promise.reject(new Error("away")), async () => "third"];
    const seen: unknown[] = [];
    const check = createPeriodicCheck({
      check: () => outcomes.shift()?.() ?? new Promise<string>(() => {}),
      intervalMs: 1,
      onSuccess: (value) => seen.push([value, check.failure()]),
      onFailure: (reason) => seen.push([check.last()?.value, reason]),
    });
    check.start();
    await eventually("three outcomes", () => seen.length === 3);
    check.stop();
    expect(seen).to.deep.equal([
      ["first", undefined],
      ["first", "away"],
      ["third", undefined],
    ]);
  });

  it("reports an error in onSuccess as a failure, and continues", async () => {
    const failures: string[] = [];
    let runs = 0;
    const check = createPeriodicCheck({
      check: async () => (runs += 1),
      intervalMs: 1,
      onSuccess: (run) => {
        if (run === 1) throw new Error("not a number");
      },
      onFailure: (reason) => failures.push(reason),
    });
    check.start();
    await eventually("a second run", () => (check.last()?.value ?? 0) >= 2 && check.failure() === undefined);
    check.stop();
    expect(failures).to.deep.equal(["not a number"]);
  });

  it("ignores a check that began before the last start or stop", async () => {
    const pending: ((value: string) => void)[] = [];
    const seen: string[] = [];
    const check = createPeriodicCheck({
      check: () => new Promise<string>((resolve) => pending.push(resolve)),
      intervalMs: 60_000,
      onSuccess: (value) => seen.push(value),
    });
    check.start();
    check.start();
    pending[0]?.("old");
    pending[1]?.("new");
    await eventually("the second check's result", () => check.last()?.value === "new");
    check.stop();
    expect(check.last()).to.equal(undefined);
    expect(seen).to.deep.equal(["new"]);
  });

  it("starts no further check while as many as allowed are running", async () => {
    let begun = 0;
    let intervals = 0;
    const check = createPeriodicCheck({
      check: () => {
        begun += 1;
        return new Promise<never>(() => {});
      },
      intervalMs() {
        intervals += 1;
        return 1;
      },
      maxRunning: 2,
    });
    check.start();
    await eventually("further intervals", () => intervals >= 10);
    check.stop();
    expect(begun).to.equal(2);
  });

  it("ignores a result that a later check has overtaken", async () => {
    const pending: ((value: string) => void)[] = [];
    const check = createPeriodicCheck({
      check: () => new Promise<string>((resolve) => pending.push(resolve)),
      intervalMs: () => (pending.length < 2 ? 1 : 60_000),
      maxRunning: 2,
    });
    check.start();
    await eventually("a second check", () => pending.length === 2);
    pending[1]?.("later");
    await eventually("its result", () => check.last()?.value === "later");
    pending[0]?.("earlier");
    await Promise.resolve();
    expect(check.last()?.value).to.equal("later");
    check.stop();
  });
});
