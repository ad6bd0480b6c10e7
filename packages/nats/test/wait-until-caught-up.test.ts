import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { waitUntilCaughtUp } from "../src/consume/wait-until-caught-up.ts";
import { openDeliveries } from "../src/consume/deliveries.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

describe("waiting for the consumer to have caught up", () => {
  let context: TestContext;
  beforeEach(async () => {
    context = await createTestContext();
  });
  afterEach(() => context[Symbol.asyncDispose]());

  it("is over at once when nothing is on the stream", async () => {
    await waitUntilCaughtUp(await context.link("reconcile"), 5_000);
  });

  it("fails, saying how far behind it is, while something is not acknowledged", async () => {
    await context.fill(3);
    const outcome = await waitUntilCaughtUp(await context.link("reconcile"), 100).catch(
      (error: unknown) => error,
    );
    expect(outcome).to.include({ code: "unavailable" });
    expect(String(outcome)).to.match(/3 messages behind the stream/);
  });

  it("is over when everything that was on the stream is acknowledged", async () => {
    await context.fill(3);
    const waiting = waitUntilCaughtUp(await context.link("reconcile"), 10_000);
    const deliveries = openDeliveries(await context.link("consumer"), { batchSize: 10, onError: () => {} });
    for (let left = 3; left > 0; ) {
      const batch = (await deliveries.nextBatch()) ?? [];
      await deliveries.acknowledge(batch);
      left -= batch.length;
    }
    await waiting;
    await deliveries.stop();
  });

  it("fails when NATS is away", async () => {
    const link = await context.link("reconcile");
    await context.nats.stop();
    const outcome = await waitUntilCaughtUp(link, 1_000).catch((error: unknown) => error);
    expect(outcome).to.include({ code: "unavailable" });
  });
});
