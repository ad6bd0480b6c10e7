import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { untilCaughtUp } from "../src/caught-up.ts";
import { openDeliveries } from "../src/deliveries.ts";
import { setStage, type Stage } from "./stage.ts";

describe("waiting for the consumer to have caught up", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await setStage();
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  it("is over at once when nothing is on the stream", async () => {
    await untilCaughtUp(await stage.link("reconcile"), 5_000);
  });

  it("fails, saying how far behind it is, while something is not acknowledged", async () => {
    await stage.fill(3);
    const outcome = await untilCaughtUp(await stage.link("reconcile"), 100).catch((error: unknown) => error);
    expect(outcome).to.include({ code: "unavailable" });
    expect(String(outcome)).to.match(/3 messages behind the stream/);
  });

  it("is over when everything that was on the stream is acknowledged", async () => {
    await stage.fill(3);
    const waiting = untilCaughtUp(await stage.link("reconcile"), 10_000);
    const deliveries = openDeliveries(await stage.link("consumer"), { batchSize: 10, onTrouble: () => {} });
    for (let left = 3; left > 0; ) {
      const batch = (await deliveries.nextBatch()) ?? [];
      await deliveries.acknowledge(batch);
      left -= batch.length;
    }
    await waiting;
    await deliveries.stop();
  });

  it("fails when NATS is away", async () => {
    const link = await stage.link("reconcile");
    await stage.nats.stop();
    const outcome = await untilCaughtUp(link, 1_000).catch((error: unknown) => error);
    expect(outcome).to.include({ code: "unavailable" });
  });
});
