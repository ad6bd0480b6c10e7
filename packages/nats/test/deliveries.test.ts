import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { applyTopology } from "../src/apply-topology.ts";
import type { Deliveries, Delivery } from "../src/deliveries.ts";
import { durableConfig } from "../src/topology.ts";
import { openOn, outgoing, setStage, topology, unacknowledged } from "./stage.ts";

function ids(batch: readonly Delivery[] | undefined): string[] {
  return (batch ?? []).map(({ body }) => Buffer.from(body).toString());
}

/** Takes and acknowledges batches until that many events have come. */
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
  it("hand over everything once, in the order of the stream, in batches of at most the size asked for", async () => {
    await using stage = await setStage();
    await stage.fill(250);
    const deliveries = await openOn(stage, 100);
    const batches = await take(deliveries, 250);
    expect(Math.max(...batches.map(({ length }) => length))).to.be.at.most(100);
    expect(batches.flat().map(({ position }) => position.sequence)).to.deep.equal(
      Array.from({ length: 250 }, (_, index) => index + 1),
    );
    expect(new Set(ids(batches.flat())).size).to.equal(250);
    await deliveries.stop();
  });

  it("tell what was stored and when, and how often it was delivered", async () => {
    await using stage = await setStage();
    const { publish } = await stage.publisher();
    const before = Date.now();
    await publish({ ...outgoing("evt_1"), headers: { traceparent: "00-aa-bb-01" } });
    const deliveries = await openOn(stage);
    const [delivery] = (await deliveries.nextBatch()) ?? [];
    expect(delivery?.receivedAt.getTime()).to.be.within(before - 5, Date.now() + 5);
    expect(delivery?.deliveryCount).to.equal(1);
    expect(delivery?.header("traceparent")).to.equal("00-aa-bb-01");
    expect(delivery?.header("none")).to.equal(undefined);
    await deliveries.stop();
  });

  it("do not offer again what was acknowledged, to nobody", async () => {
    await using stage = await setStage();
    await stage.fill(5);
    const first = await openOn(stage);
    await take(first, 5);
    await first.stop();
    await eventually("the acknowledgements", async () => (await unacknowledged(stage)) === 0);
    await stage.fill(6);
    const second = await openOn(stage);
    expect(ids((await take(second, 1)).flat())).to.deep.equal(["evt_6"]);
    await second.stop();
  });

  it("offer again what was given back", async () => {
    await using stage = await setStage();
    await stage.fill(1);
    const deliveries = await openOn(stage);
    await deliveries.giveBack((await deliveries.nextBatch()) ?? []);
    const batch = (await deliveries.nextBatch()) ?? [];
    const [second] = batch;
    expect(second?.position.sequence).to.equal(1);
    expect(second?.deliveryCount).to.equal(2);
    await deliveries.acknowledge(batch);
    await deliveries.stop();
  });

  it("offer again only after the pause that was asked for", async () => {
    await using stage = await setStage();
    await stage.fill(1);
    const deliveries = await openOn(stage);
    const batch = (await deliveries.nextBatch()) ?? [];
    const started = performance.now();
    await deliveries.giveBack(batch, 400);
    await deliveries.nextBatch();
    expect(performance.now() - started).to.be.within(350, 5_000);
    await deliveries.stop();
  });

  it("offer again, to anyone, what somebody took and vanished with", async () => {
    await using stage = await setStage();
    await stage.manager.consumers.update(stream.name, durable.name, { ack_wait: 300_000_000 });
    await stage.fill(1);
    const deliveries = await openOn(stage);
    await deliveries.nextBatch();
    const batch = (await deliveries.nextBatch()) ?? [];
    expect(batch[0]?.deliveryCount).to.equal(2);
    await deliveries.acknowledge(batch);
    await deliveries.stop();
  });

  it("give back what was not taken when they are stopped", async () => {
    await using stage = await setStage();
    await stage.fill(20);
    const first = await openOn(stage);
    await eventually("some to gather", async () => (await unacknowledged(stage)) === 20);
    await first.stop();
    expect(await first.nextBatch()).to.equal(undefined);
    const second = await openOn(stage);
    const started = performance.now();
    await take(second, 20);
    expect(performance.now() - started).to.be.below(5_000);
    await second.stop();
  });

  it("end a wait for the next batch when they are stopped", async () => {
    await using stage = await setStage();
    const deliveries = await openOn(stage);
    const waiting = deliveries.nextBatch();
    await eventually("a pull", () => deliveries.trouble() === undefined);
    await deliveries.stop();
    expect(await waiting).to.equal(undefined);
  });

  it("go on after the server crashed", async () => {
    await using stage = await setStage();
    await stage.fill(3);
    const deliveries = await openOn(stage);
    await take(deliveries, 3);
    await eventually("the acknowledgements", async () => (await unacknowledged(stage)) === 0);
    await stage.nats.kill();
    await stage.nats.start();
    const { publish } = await stage.publisher();
    await publish(outgoing("evt_after"));
    // Acknowledgements that the server had not written down when it was killed bring their events once more.
    const taken: string[] = [];
    while (!taken.includes("evt_after")) taken.push(...ids((await take(deliveries, 1)).flat()));
    await deliveries.stop();
  });

  it("say what the trouble is while the durable is missing, and go on when it is made anew", async function () {
    this.timeout(40_000);
    await using stage = await setStage();
    const troubles: string[] = [];
    const deliveries = await openOn(stage, 100, (reason) => troubles.push(reason));
    await eventually("a pull", () => deliveries.trouble() === undefined);
    await stage.manager.consumers.delete(stream.name, durable.name);
    await stage.fill(1);
    // A pull that is under way may learn of it first, and say so in fewer words.
    await eventually("trouble", () => troubles.some((reason) => /consumer/i.test(reason)), 15_000);
    await stage.manager.consumers.add(stream.name, durableConfig());
    expect(ids((await take(deliveries, 1)).flat())).to.deep.equal(["evt_1"]);
    expect(deliveries.trouble()).to.equal(undefined);
    await deliveries.stop();
  });

  it("say what the trouble is while nothing could be acknowledged, and take nothing meanwhile", async () => {
    await using stage = await setStage();
    const { config } = await stage.manager.streams.info(stream.name);
    await stage.manager.streams.update(stream.name, { ...config, allow_direct: false });
    const deliveries = await openOn(stage);
    await eventually("trouble", () => deliveries.trouble()?.includes("allow_direct"));
    await stage.fill(1);
    expect(await unacknowledged(stage)).to.equal(0);
    await applyTopology(stage.admin, topology);
    await deliveries.acknowledge((await deliveries.nextBatch()) ?? []);
    await eventually("it to be settled", async () => (await unacknowledged(stage)) === 0);
    await eventually("no trouble", () => deliveries.trouble() === undefined);
    await deliveries.stop();
  });

  it("bring what was published before there was any consumer: limits retention keeps it", async () => {
    await using stage = await setStage();
    await stage.manager.consumers.delete(stream.name, durable.name);
    await stage.fill(3);
    await stage.manager.consumers.add(stream.name, durableConfig());
    const deliveries = await openOn(stage);
    expect(ids((await take(deliveries, 3)).flat()).toSorted()).to.deep.equal(["evt_1", "evt_2", "evt_3"]);
    await deliveries.stop();
  });

  it("hold no more than one batch that nobody takes", async () => {
    await using stage = await setStage();
    await stage.fill(50);
    const deliveries = await openOn(stage, 10);
    await eventually("a batch to gather", async () => (await unacknowledged(stage)) === 10);
    const info = await stage.manager.consumers.info(stream.name, durable.name);
    expect(info.num_pending).to.equal(40);
    await deliveries.stop();
  });

  it("share the stream between processes: together each event once", async () => {
    await using stage = await setStage();
    await stage.fill(200);
    const both = [await openOn(stage, 10), await openOn(stage, 10)];
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
