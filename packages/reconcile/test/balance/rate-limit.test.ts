import { expect } from "chai";
import { describe, it } from "mocha";
import { createRateLimit, type RateLimitClock } from "../../src/balance/rate-limit.ts";

const running = new AbortController().signal;

/** A clock that moves only when somebody waits. */
function testClock(): RateLimitClock & { time: number } {
  const clock = {
    time: 0,
    now: () => clock.time,
    async wait(ms: number) {
      clock.time += ms;
    },
  };
  return clock;
}

describe("the rate limit", () => {
  it("allows no more than 25 requests in any second, and uses 24 of them at least", async () => {
    const clock = testClock();
    const limit = createRateLimit(25, clock);
    const sent: number[] = [];
    for (let n = 0; n < 500; n += 1) {
      await limit.send(async () => void sent.push(clock.time), running);
      clock.time += n % 7;
    }
    for (const [n, at] of sent.entries())
      expect(at - (sent[n - 25] ?? Number.NEGATIVE_INFINITY)).to.be.above(1_000);
    expect(sent.at(-1)).to.be.below((500 / 24) * 1_000);
  });

  it("counts the second of a request from its late response, because it may have arrived late", async () => {
    const clock = testClock();
    const limit = createRateLimit(2, clock);
    for (const responseMs of [10, 300, 10, 10])
      await limit.send(async () => void (clock.time += responseMs), running);
    expect(clock.time).to.be.above(1_300);
  });

  it("counts the second of a request from soon after it was sent where every response is slow", async () => {
    const clock = testClock();
    const limit = createRateLimit(1, clock);
    for (let n = 0; n < 3; n += 1) await limit.send(async () => void (clock.time += 900), running);
    const sentAt = clock.time - 900;
    await limit.send(async () => {}, running);
    expect(clock.time - sentAt).to.be.below(1_100);
  });

  it("counts the second of the first requests from their responses, because they opened connections", async () => {
    const clock = testClock();
    const limit = createRateLimit(1, clock);
    await limit.send(async () => void (clock.time += 900), running);
    await limit.send(async () => {}, running);
    expect(clock.time).to.be.above(1_900);
  });

  it("counts the second of a request from its response when all of that second are late, but earlier ones were not", async () => {
    const clock = testClock();
    const limit = createRateLimit(5, clock);
    const answer = async (responseMs: number): Promise<number> => {
      await limit.send(async () => void (clock.time += responseMs), running);
      return clock.time;
    };
    for (let n = 0; n < 15; n += 1) await answer(10);
    const answeredAt = await answer(100);
    for (let n = 0; n < 4; n += 1) await answer(100);
    expect((await answer(0)) - answeredAt).to.be.at.least(990);
  });

  it("sends nothing while it is paused", async () => {
    const clock = testClock();
    const limit = createRateLimit(25, clock);
    limit.pauseFor(5_000);
    await limit.send(async () => {}, running);
    expect(clock.time).to.equal(5_000);
  });

  it("goes on after a request that failed, and stops waiting when it is told to", async () => {
    const limit = createRateLimit(1);
    const failure = await limit
      .send(() => Promise.reject(new Error("failed")), running)
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    const stopping = new AbortController();
    const waiting = limit.send(async () => {}, stopping.signal).catch((error: unknown) => error);
    stopping.abort(new Error("stopped"));
    expect(await waiting).to.be.instanceOf(Error);
  });
});
