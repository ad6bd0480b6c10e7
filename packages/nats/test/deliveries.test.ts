import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { applyTopology } from "../src/admin/apply-topology.ts";
import { recreateDurable } from "../src/admin/recreate-durable.ts";
import type { Deliveries, Delivery } from "../src/consume/deliveries.ts";
import { durableConfig } from "../src/topology.ts";
import { openOn, outgoing, createTestContext, topology, unacknowledged } from "./test-context.ts";

function ids(batch: readonly Delivery[] | undefined): string[] {
  return (batch ?? []).map(({ body }) => Buffer.from(body).toString());
}

/** Takes and acknowledges batches until `count` events have arrived. */
async function take(deliveries: Deliveries, count: number): Promise<readonly Delivery[][]> {
  const batches: Delivery[][] = [];
  while (batches.flat().length < count) {
    const batch = await deliveries.nextBatch();
    if (batch === undefined) throw new Error("stopped");
    await deliveries.acknowledge(batch);
    batches.push([...batch]);
  }
  return batches;
}

describe("deliveries", () => {
  it("return every event once, in stream order, in batches of at most the given size", async () => {
    await using context = await createTestContext();
    await context.fill(250);
    const deliveries = await openOn(context, 100);
    const batches = await take(deliveries, 250);
    expect(Math.max(...batches.map(({ length }) => length))).to.be.at.most(100);
    expect(batches.flat().map(({ position }) => position.sequence)).to.deep.equal(
      Array.from({ length: 250 }, (_, index) => index + 1),
    );
    expect(new Set(ids(batches.flat())).size).to.equal(250);
    await deliveries.stop();
  });

  it("have the message, the time it was stored and the delivery count", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    const before = Date.now();
    await publish({ ...outgoing("evt_1"), headers: { traceparent: "00-aa-bb-01" } });
    const deliveries = await openOn(context);
    const [delivery] = (await deliveries.nextBatch()) ?? [];
    expect(delivery?.receivedAt.getTime()).to.be.within(before - 5, Date.now() + 5);
    expect(delivery?.deliveryCount).to.equal(1);
    expect(delivery?.header("traceparent")).to.equal("00-aa-bb-01");
    expect(delivery?.header("none")).to.equal(undefined);
    await deliveries.stop();
  });

  it("do not include acknowledged events again, for any consumer", async () => {
    await using context = await createTestContext();
    await context.fill(5);
    const first = await openOn(context);
    await take(first, 5);
    await first.stop();
    await eventually("the acknowledgements", async () => (await unacknowledged(context)) === 0);
    await context.fill(6);
    const second = await openOn(context);
    expect(ids((await take(second, 1)).flat())).to.deep.equal(["evt_6"]);
    await second.stop();
  });

  it("include nak'd events again", async () => {
    await using context = await createTestContext();
    await context.fill(1);
    const deliveries = await openOn(context);
    await deliveries.nak((await deliveries.nextBatch()) ?? []);
    const batch = (await deliveries.nextBatch()) ?? [];
    const [second] = batch;
    expect(second?.position.sequence).to.equal(1);
    expect(second?.deliveryCount).to.equal(2);
    await deliveries.acknowledge(batch);
    await deliveries.stop();
  });

  it("include nak'd events again only after the given delay", async () => {
    await using context = await createTestContext();
    await context.fill(1);
    const deliveries = await openOn(context);
    const batch = (await deliveries.nextBatch()) ?? [];
    const started = performance.now();
    await deliveries.nak(batch, 400);
    await deliveries.nextBatch();
    expect(performance.now() - started).to.be.within(350, 5_000);
    await deliveries.stop();
  });

  it("include events again that a vanished consumer held", async () => {
    await using context = await createTestContext();
    await context.manager.consumers.update(stream.name, durable.name, { ack_wait: 300_000_000 });
    await context.fill(1);
    const deliveries = await openOn(context);
    await deliveries.nextBatch();
    const batch = (await deliveries.nextBatch()) ?? [];
    expect(batch[0]?.deliveryCount).to.equal(2);
    await deliveries.acknowledge(batch);
    await deliveries.stop();
  });

  it("are not delivered to others while they wait to be taken, however long", async () => {
    await using context = await createTestContext();
    await context.manager.consumers.update(stream.name, durable.name, { ack_wait: 600_000_000 });
    await context.fill(5);
    const waiting = await openOn(context, 5);
    await eventually("all to gather", async () => (await unacknowledged(context)) === 5);
    const gathered = performance.now();
    await eventually("three times ack-wait to pass", () => performance.now() - gathered > 1_800);
    const other = await openOn(context);
    await (await context.publisher()).publish(outgoing("evt_later"));
    const taken = (await other.nextBatch()) ?? [];
    expect(ids(taken)).to.deep.equal(["evt_later"]);
    const counts = ((await waiting.nextBatch()) ?? []).map(({ deliveryCount }) => deliveryCount);
    expect(counts).to.deep.equal([1, 1, 1, 1, 1]);
    await Promise.all([waiting.stop(), other.stop()]);
  });

  it("nak what was not taken when they are stopped", async () => {
    await using context = await createTestContext();
    await context.fill(20);
    const first = await openOn(context);
    await eventually("some to gather", async () => (await unacknowledged(context)) === 20);
    await first.stop();
    expect(await first.nextBatch()).to.equal(undefined);
    const second = await openOn(context);
    const started = performance.now();
    await take(second, 20);
    expect(performance.now() - started).to.be.below(5_000);
    await second.stop();
  });

  it("nak what was still on its way when they were stopped", async () => {
    await using context = await createTestContext();
    const first = await openOn(context, 500);
    await eventually("a pull", () => first.failure() === undefined);
    // The server sends them before it confirms the last one; they are not read before this continues.
    await context.fill(300);
    await first.stop();
    const second = await openOn(context, 500);
    const started = performance.now();
    await take(second, 300);
    expect(performance.now() - started).to.be.below(5_000);
    await second.stop();
  });

  it("end a wait for the next batch when they are stopped", async () => {
    await using context = await createTestContext();
    const deliveries = await openOn(context);
    const waiting = deliveries.nextBatch();
    await eventually("a pull", () => deliveries.failure() === undefined);
    await deliveries.stop();
    expect(await waiting).to.equal(undefined);
  });

  it("continue after the server crashed", async () => {
    await using context = await createTestContext();
    await context.fill(3);
    const deliveries = await openOn(context);
    await take(deliveries, 3);
    await eventually("the acknowledgements", async () => (await unacknowledged(context)) === 0);
    await context.nats.kill();
    await context.nats.start();
    const { publish } = await context.publisher();
    await publish(outgoing("evt_after"));
    // Events are redelivered whose acknowledgements the server had not stored when it was killed.
    const taken: string[] = [];
    while (!taken.includes("evt_after")) taken.push(...ids((await take(deliveries, 1)).flat()));
    await deliveries.stop();
  });

  it("report the failure while the durable is missing, and continue when it is recreated", async function () {
    this.timeout(40_000);
    await using context = await createTestContext();
    const reasons: string[] = [];
    const deliveries = await openOn(context, 100, (reason) => reasons.push(reason));
    await eventually("a pull", () => deliveries.failure() === undefined);
    await context.manager.consumers.delete(stream.name, durable.name);
    await context.fill(1);
    // A pull in progress may detect it first, with a shorter message.
    await eventually("the failure", () => reasons.some((reason) => /consumer/i.test(reason)), 15_000);
    await recreateDurable(context.manager, durableConfig());
    expect(ids((await take(deliveries, 1)).flat())).to.deep.equal(["evt_1"]);
    expect(deliveries.failure()).to.equal(undefined);
    await deliveries.stop();
  });

  it("report the failure while nothing could be acknowledged, and pull nothing meanwhile", async () => {
    await using context = await createTestContext();
    const { config } = await context.manager.streams.info(stream.name);
    await context.manager.streams.update(stream.name, { ...config, allow_direct: false });
    const deliveries = await openOn(context);
    await eventually("the failure", () => deliveries.failure()?.includes("allow_direct"));
    await context.fill(1);
    expect(await unacknowledged(context)).to.equal(0);
    await applyTopology(context.admin, topology);
    await deliveries.acknowledge((await deliveries.nextBatch()) ?? []);
    await eventually("the acknowledgement", async () => (await unacknowledged(context)) === 0);
    await eventually("no failure", () => deliveries.failure() === undefined);
    await deliveries.stop();
  });

  it("include what was published before there was a consumer: limits retention keeps it", async () => {
    await using context = await createTestContext();
    await context.manager.consumers.delete(stream.name, durable.name);
    await context.fill(3);
    await recreateDurable(context.manager, durableConfig());
    const deliveries = await openOn(context);
    expect(ids((await take(deliveries, 3)).flat()).toSorted()).to.deep.equal(["evt_1", "evt_2", "evt_3"]);
    await deliveries.stop();
  });

  it("buffer no more than one batch that is not taken", async () => {
    await using context = await createTestContext();
    await context.fill(50);
    const deliveries = await openOn(context, 10);
    await eventually("a batch to gather", async () => (await unacknowledged(context)) === 10);
    const info = await context.manager.consumers.info(stream.name, durable.name);
    expect(info.num_pending).to.equal(40);
    await deliveries.stop();
  });

  it("are shared between processes: together each event once", async () => {
    await using context = await createTestContext();
    await context.fill(200);
    const both = [await openOn(context, 10), await openOn(context, 10)];
    const seen: string[] = [];
    const readers = both.map(async (deliveries) => {
      for (;;) {
        const batch = await deliveries.nextBatch();
        if (batch === undefined) return;
        await deliveries.acknowledge(batch);
        seen.push(...ids(batch));
      }
    });
    await eventually("all of them", () => seen.length >= 200);
    await Promise.all(both.map((deliveries) => deliveries.stop()));
    await Promise.all(readers);
    expect(new Set(seen).size).to.equal(200);
    expect(seen).to.have.length(200);
  });
});
