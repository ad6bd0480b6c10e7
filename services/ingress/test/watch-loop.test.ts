import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { createAdmission } from "../src/admission.ts";
import { type LoopWatch, watchLoop } from "../src/watch-loop.ts";
import { event } from "./post-webhook.ts";
import { startReadyServer } from "./test-server.ts";
import { createTestContext } from "./test-context.ts";

/** Keeps the event loop so busy that it turns only now and then. */
function stall(ms: number): { end(): void } {
  let immediate: NodeJS.Immediate;
  const busy = (): void => {
    const end = performance.now() + ms;
    while (performance.now() < end);
    immediate = setImmediate(busy);
  };
  immediate = setImmediate(busy);
  return { end: () => clearImmediate(immediate) };
}

describe("an event loop that is behind (fault 5)", () => {
  let watch: LoopWatch | undefined;
  let stalling: ReturnType<typeof stall> | undefined;
  afterEach(() => {
    stalling?.end();
    watch?.stop();
  });

  it("is detected, and so is that it has caught up", async () => {
    const watched = watchLoop({ lateMs: 100, windowMs: 200 });
    watch = watched;
    expect(watched.isBehind()).to.equal(false);
    stalling = stall(300);
    await eventually("the stall to be detected", () => watched.isBehind());
    stalling?.end();
    await eventually("its end to be detected", () => !watched.isBehind());
  });

  it("makes ingress refuse with 503 at once, until it has caught up", async () => {
    await using context = await createTestContext();
    const watched = watchLoop({ lateMs: 100, windowMs: 200 });
    watch = watched;
    const limits = { requests: 1_024, bytes: 64_000_000 };
    await using ingress = await startReadyServer(context.nats, {
      admission: createAdmission(limits, watched.isBehind),
    });
    await eventually("a stored event", async () => (await ingress.post(event())).status === 200);
    stalling = stall(300);
    await eventually("the stall to be detected", () => watched.isBehind());
    const refused = await ingress.post(event());
    expect(refused.status).to.equal(503);
    expect(Number(refused.headers.get("retry-after"))).to.be.greaterThan(0);
    stalling?.end();
    await eventually("a stored event", async () => (await ingress.post(event())).status === 200);
    expect(await ingress.outcomes())
      .to.have.property("overloaded")
      .that.is.greaterThan(0);
  });
});
