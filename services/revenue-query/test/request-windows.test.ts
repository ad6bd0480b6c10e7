import { mock } from "node:test";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { createRequestWindows } from "../src/http/request-windows.ts";

const windowMs = 100;
const hourMs = 3_600_000;

describe("the windows in which requests are counted", () => {
  afterEach(() => mock.timers.reset());

  const hits = async (windows: ReturnType<typeof createRequestWindows>, key: string): Promise<number> =>
    (await windows.increment(key)).totalHits;

  it("count each caller's requests, and begin again when they end", async () => {
    const windows = createRequestWindows(windowMs);
    expect([await hits(windows, "a"), await hits(windows, "a"), await hits(windows, "b")]).to.deep.equal([
      1, 2, 1,
    ]);
    expect(windows.get("a").totalHits).to.equal(2);
    await eventually("a new window", async () => (await hits(windows, "a")) === 1);
  });

  it("end in time when the clock is set ahead and back by an hour", async () => {
    const began = Date.now();
    mock.timers.enable({ apis: ["Date"], now: began + hourMs });
    const windows = createRequestWindows(windowMs);
    expect(await hits(windows, "a")).to.equal(1);
    mock.timers.setTime(began);
    const { totalHits, resetTime } = await windows.increment("a");
    expect(totalHits).to.equal(2);
    expect(Number(resetTime) - began).to.be.within(0, windowMs);
    await eventually("a new window", async () => (await hits(windows, "a")) === 1);
  });
});
