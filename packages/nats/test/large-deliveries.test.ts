import { stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { Delivery } from "../src/consume/deliveries.ts";
import { applyTopology } from "../src/admin/apply-topology.ts";
import { openOn, outgoing, createTestContext, topology } from "./test-context.ts";

const body = "x".repeat(700_000);
/** More than the 64 MiB that the server lets a connection have in transit. */
const count = 150;

/** Blocks the event loop, as a garbage collection or a throttled CPU does. */
function freeze(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe("deliveries of large bodies", () => {
  it("arrive once each, in bounded batches, at a consumer that is blocked for a moment", async () => {
    await using context = await createTestContext({ bare: true });
    await applyTopology(context.admin, { ...topology, maxBytes: 200_000_000 });
    const { publish } = await context.publisher();
    for (let number = 1; number <= count; number += 1) await publish(outgoing(`evt_${number}`, { body }));

    const deliveries = await openOn(context, 500);
    const taken: Delivery[] = [];
    while (taken.length < count) {
      const batch = (await deliveries.nextBatch()) ?? [];
      if (taken.length === 0) freeze(1_000);
      await deliveries.acknowledge(batch);
      expect(batch.length * body.length).to.be.below(90_000_000);
      taken.push(...batch);
    }
    expect(taken.map(({ deliveryCount }) => deliveryCount)).to.deep.equal(taken.map(() => 1));
    await deliveries.stop();
  }).timeout(40_000);

  it("arrive once each also when the stream accepts larger ones, as a runbook recommends (T10)", async () => {
    await using context = await createTestContext({
      bare: true,
      rewrite: (config) => config.replace("max_payload: 1MB", "max_payload: 4MB"),
    });
    await applyTopology(context.admin, { ...topology, maxBytes: 200_000_000 });
    const { config } = await context.manager.streams.info(stream.name);
    await context.manager.streams.update(stream.name, { ...config, max_msg_size: 4_000_000 });
    const { publish } = await context.publisher();
    for (let number = 1; number <= 40; number += 1) {
      await publish(outgoing(`evt_${number}`, { body: "x".repeat(3_500_000) }));
    }
    const deliveries = await openOn(context, 500);
    const taken: Delivery[] = [];
    while (taken.length < 40) {
      const batch = (await deliveries.nextBatch()) ?? [];
      if (taken.length === 0) freeze(1_000);
      await deliveries.acknowledge(batch);
      taken.push(...batch);
    }
    expect(taken.map(({ deliveryCount }) => deliveryCount)).to.deep.equal(taken.map(() => 1));
    await deliveries.stop();
  }).timeout(60_000);
});
