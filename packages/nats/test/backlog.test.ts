import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { readBacklog } from "../src/consume/backlog.ts";
import { openOn, createTestContext, unacknowledged } from "./test-context.ts";

describe("the backlog", () => {
  it("is empty when everything is committed", async () => {
    await using context = await createTestContext();
    const backlog = await readBacklog(await context.link("consumer"));
    expect(backlog).to.include({ pending: 0, oldest: undefined, ackPending: 0, redelivered: 0 });
  });

  it("counts what is not delivered or not acknowledged, with the time of the oldest", async () => {
    await using context = await createTestContext();
    await context.fill(1);
    const firstStored = (await context.manager.streams.getMessage(stream.name, { seq: 1 })).time.getTime();
    await context.fill(30);
    const deliveries = await openOn(context, 10);
    await eventually("a batch to gather", async () => (await unacknowledged(context)) === 10);
    const { pending, oldest, ...rest } = await readBacklog(await context.link("consumer"));
    expect(pending).to.equal(30);
    expect(rest).to.include({ ackPending: 10, maxAckPending: durable.maxAckPending, ackFloor: 0 });
    expect(oldest?.getTime()).to.be.within(firstStored - 1, firstStored + 1);
    await deliveries.stop();
  });

  it("has the size and the limit of the stream", async () => {
    await using context = await createTestContext();
    await context.fill(5);
    const { streamBytes, streamLimitBytes } = await readBacklog(await context.link("consumer"));
    expect(streamBytes).to.be.greaterThan(5 * 50);
    expect(streamLimitBytes).to.equal((await context.manager.streams.info(stream.name)).config.max_bytes);
  });

  it("has the number of pulls that wait for events", async () => {
    await using context = await createTestContext();
    const link = await context.link("consumer");
    expect((await readBacklog(link)).waitingPulls).to.equal(0);
    const deliveries = await openOn(context, 10);
    await eventually("a pull to wait", async () => (await readBacklog(link)).waitingPulls === 1);
    await deliveries.stop();
  });

  it("cannot be read while NATS is away", async () => {
    await using context = await createTestContext();
    const link = await context.link("consumer");
    await context.nats.kill();
    await eventually("the loss", () => link.live() === undefined);
    expect(await readBacklog(link).then(String, String)).to.contain("no connection to NATS");
  });
});
