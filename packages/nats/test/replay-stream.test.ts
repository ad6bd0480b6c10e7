import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type Deliveries, type Delivery, openDeliveries } from "../src/consume/deliveries.ts";
import { generationsMetadata } from "../src/admin/generations.ts";
import { readExtent } from "../src/admin/purge-stream.ts";
import { replayStream } from "../src/admin/replay-stream.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

async function open(context: TestContext): Promise<Deliveries> {
  return openDeliveries(await context.link("consumer"), { batchSize: 100, onError: () => {} });
}

async function take(deliveries: Deliveries, count: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  while (taken.length < count) taken.push(...((await deliveries.nextBatch()) ?? []));
  return taken;
}

/** Acknowledges the first events of the stream and leaves the others open. */
async function settleFirst(context: TestContext, count: number, of: number): Promise<void> {
  const deliveries = await open(context);
  const taken = await take(deliveries, of);
  await deliveries.acknowledge(taken.filter(({ position }) => position.sequence <= count));
  await eventually("the acknowledgements", async () => {
    const { ack_floor: floor } = await context.manager.consumers.info(stream.name, durable.name);
    return floor.stream_seq === count;
  });
  await deliveries.stop();
}

describe("a replay of the stream", () => {
  for (const start of [{ sequence: 9 }, { since: new Date(Date.now() + 3_600_000) }]) {
    it(`from ${"since" in start ? "an instant" : "a sequence"} behind open events starts with those`, async () => {
      await using context = await createTestContext();
      await context.fill(10);
      await settleFirst(context, 4, 10);
      const replayed = await replayStream(context.admin, start);
      expect(replayed).to.deep.equal({ events: 6, from: 5, requested: "since" in start ? 11 : 9 });
      const deliveries = await open(context);
      const taken = await take(deliveries, 6);
      expect(taken.map(({ position }) => position.sequence)).to.deep.equal([5, 6, 7, 8, 9, 10]);
      await deliveries.stop();
    });
  }

  it("starts with the whole stream when the durable is missing or its acknowledgements cannot be trusted", async () => {
    await using context = await createTestContext();
    await context.fill(3);
    await context.manager.consumers.delete(stream.name, durable.name);
    expect(await replayStream(context.admin, { sequence: 3 })).to.include({ events: 3, from: 1 });
    await context.manager.consumers.update(stream.name, durable.name, { max_deliver: 1 });
    await settleFirst(context, 0, 0);
    expect(await replayStream(context.admin, { sequence: 3 })).to.include({ events: 3, from: 1 });
  });

  it("starts a new record of committed sequences, and keeps the earlier one for those before it", async () => {
    await using context = await createTestContext();
    await context.fill(10);
    await settleFirst(context, 8, 10);
    const [first] = (await readExtent(context.admin)).generations;
    await replayStream(context.admin, { sequence: 6 });
    const partly = (await readExtent(context.admin)).generations;
    expect(partly.map(({ from }) => from)).to.deep.equal([6, 1]);
    expect(partly[1]).to.deep.equal(first);
    await replayStream(context.admin, { sequence: 1 });
    const whole = (await readExtent(context.admin)).generations;
    expect(whole.map(({ from }) => from)).to.deep.equal([1]);
    expect(whole[0]?.identity).to.not.equal(first?.identity);
  });

  it("drops a generation that has no sequences on the stream, or none of its own", () => {
    const kept = (from: number, first: number): unknown => {
      const all = [
        { created: "c", from: 20 },
        { created: "b", from: 10 },
        { created: "a", from: 1 },
      ];
      const { "takings.earlier": text = "[]" } = generationsMetadata(all, from, first);
      return (JSON.parse(text) as { created: string }[]).map(({ created }) => created).join("");
    };
    expect([kept(30, 1), kept(15, 1), kept(30, 10), kept(30, 25), kept(1, 1), kept(5, 5)]).to.deep.equal([
      "cba",
      "ba",
      "cb",
      "c",
      "",
      "",
    ]);
  });
});
