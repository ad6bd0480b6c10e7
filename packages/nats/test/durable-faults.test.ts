import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { durableConfig, applyTopology } from "../src/topology.ts";
import { replayStream } from "../src/replay-stream.ts";
import { openOn, setStage, type Stage, topology, unacknowledged } from "./stage.ts";

describe("a durable that could pass events over", () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
    await stage.fill(3);
  });
  after(() => stage[Symbol.asyncDispose]());

  const mend = {
    update: () => applyTopology(stage.admin, topology),
    remake: () => replayStream(stage.admin, { sequence: 1 }),
  };

  const faults: readonly (readonly [Record<string, unknown>, RegExp, keyof typeof mend])[] = [
    [{ ack_policy: "all" }, /has ack policy all/, "remake"],
    [{ ack_policy: "none", max_ack_pending: undefined }, /has ack policy none/, "remake"],
    [{ max_deliver: 5 }, /gives an event up after 5 deliveries/, "update"],
    [{ filter_subject: "stripe.events.invoice.>" }, /has a filter/, "update"],
    [{ deliver_policy: "new" }, /begins with new events/, "remake"],
    [{ headers_only: true }, /leaves the bodies out/, "update"],
    [{ inactive_threshold: 3_600_000_000_000 }, /is forgotten when nobody reads/, "update"],
  ];
  for (const [different, fault, way] of faults) {
    it(`is not taken from with ${JSON.stringify(different)}; \`${way}\` mends it, as the message says`, async () => {
      await stage.manager.consumers.delete(stream.name, durable.name);
      await stage.manager.consumers.add(stream.name, { ...durableConfig(), ...different });
      const deliveries = await openOn(stage);
      const trouble = await eventually("trouble", () => {
        const said = deliveries.trouble();
        return said?.includes("consumer revenue") ? said : undefined;
      });
      expect(trouble)
        .to.match(fault)
        .and.match(way === "update" ? /`takings stream`/ : /`takings stream replay`/);
      expect(await unacknowledged(stage)).to.equal(0);
      await mend[way]();
      const taken = (await deliveries.nextBatch()) ?? [];
      expect(taken[0]?.position.sequence).to.equal(1);
      expect(deliveries.trouble()).to.equal(undefined);
      for (const delivery of taken) delivery.giveBack();
      await deliveries.stop();
    });
  }
});
