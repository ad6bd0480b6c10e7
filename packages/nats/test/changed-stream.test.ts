import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { applyTopology } from "../src/admin/apply-topology.ts";
import { openDeliveries, type Deliveries, type Delivery } from "../src/consume/deliveries.ts";
import { outgoing, createTestContext, type TestContext, topology } from "./test-context.ts";

type Holding = { readonly deliveries: Deliveries; readonly changes: string[] };

/** Takes `count` events, as a consumer that has not committed them yet. */
async function hold(
  context: TestContext,
  count: number,
): Promise<Holding & { readonly held: readonly Delivery[] }> {
  const changes: string[] = [];
  const deliveries = openDeliveries(await context.link("consumer"), {
    batchSize: 100,
    onError: () => {},
    onStreamChanged: (reason, dropped) => changes.push(`${dropped}: ${reason}`),
  });
  const holding = { deliveries, changes };
  return { ...holding, held: await take(holding, count) };
}

/** Takes events, of any pull, until `count` have arrived. */
async function take({ deliveries }: Holding, count: number): Promise<Delivery[]> {
  const taken: Delivery[] = [];
  while (taken.length < count) taken.push(...((await deliveries.nextBatch()) ?? []));
  return taken;
}

const bodies = (taken: readonly Delivery[]): string[] =>
  taken.map(({ body }) => Buffer.from(body).toString());

async function ackFloor({ link }: TestContext): Promise<number> {
  const { nats } = await (await link("admin")).connected(5_000);
  const manager = await nats.jetstreamManager();
  return (await manager.consumers.info(stream.name, durable.name)).ack_floor.stream_seq;
}

/** Publishes events after a change of the stream. */
async function publish(context: TestContext, ids: readonly string[]): Promise<void> {
  const { publish: one } = await context.publisher();
  for (const id of ids)
    await eventually(`${id} to be stored`, () => one(outgoing(id)).then(() => true), 20_000);
}

const operations: readonly (readonly [string, (all: Holding, held: readonly Delivery[]) => Promise<void>])[] =
  [
    ["acknowledged", ({ deliveries }, held) => deliveries.acknowledge(held)],
    ["nak'd", ({ deliveries }, held) => deliveries.nak(held, 60_000)],
    ["extended", ({ deliveries }, held) => deliveries.extendAckWait(held)],
  ];

describe("deliveries held while the stream is replaced", function () {
  this.timeout(60_000);

  for (const [what, respond] of operations) {
    it(`are not ${what} on a recreated stream: all its own events are delivered`, async () => {
      await using context = await createTestContext();
      await context.fill(5);
      const holding = await hold(context, 5);
      await context.manager.streams.delete(stream.name);
      // The server may still be deleting the files of the previous one.
      await eventually("the stream to be recreated", () =>
        applyTopology(context.admin, topology).then(() => true),
      );
      const later = ["evt_a", "evt_b", "evt_c", "evt_d", "evt_e"];
      await publish(context, later);
      const taken = await take(holding, 5);
      await respond(holding, holding.held);
      expect(holding.changes[0]).to.match(/^5: delivered by .*; stream and durable are .* now$/);
      expect(await ackFloor(context)).to.equal(0);
      expect(bodies(taken)).to.deep.equal(later);
      await holding.deliveries.acknowledge(taken);
      await eventually("the floor", async () => (await ackFloor(context)) === 5);
      await holding.deliveries.stop();
    });

    it(`are not ${what} on a stream restored from before them: all its own events are delivered`, async () => {
      await using context = await createTestContext();
      await context.fill(2);
      const first = await hold(context, 2);
      await first.deliveries.acknowledge(first.held);
      await eventually("the floor", async () => (await ackFloor(context)) === 2);
      await first.deliveries.stop();
      // A snapshot that keeps the creation times: the server's store, copied while it is down.
      await context.nats.stop();
      const { storeDir: store } = context.nats;
      const copy = join(store, "..", "snapshot");
      await cp(store, copy, { recursive: true });
      await context.nats.start();
      await publish(context, ["evt_lost1", "evt_lost2", "evt_lost3"]);
      const holding = await hold(context, 3);
      expect(bodies(holding.held)).to.deep.equal(["evt_lost1", "evt_lost2", "evt_lost3"]);
      await context.nats.stop();
      await rm(store, { recursive: true });
      await cp(copy, store, { recursive: true });
      await context.nats.start();
      const later = ["evt_a", "evt_b", "evt_c", "evt_d"];
      await publish(context, later);
      const taken = await take(holding, 4);
      await respond(holding, holding.held);
      expect(holding.changes[0]).to.match(
        /: the stream has another message at sequence \d now: it was restored$/,
      );
      expect(await ackFloor(context)).to.equal(2);
      expect(bodies(taken)).to.deep.equal(later);
      await holding.deliveries.acknowledge(taken);
      await eventually("the floor", async () => (await ackFloor(context)) === 6);
      await holding.deliveries.stop();
    });
  }

  it("are dropped when the restored stream does not have their sequences yet", async () => {
    await using context = await createTestContext();
    await context.fill(3);
    const holding = await hold(context, 3);
    await context.manager.streams.purge(stream.name);
    await holding.deliveries.acknowledge(holding.held);
    expect(holding.changes[0]).to.match(/the stream has no message at sequence \d now/);
    await holding.deliveries.stop();
  });
});
