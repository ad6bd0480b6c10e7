import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { applyTopology } from "../src/apply-topology.ts";
import { durableFaults } from "../src/durable-faults.ts";
import { durableConfig } from "../src/topology.ts";
import { replayStream } from "../src/replay-stream.ts";
import { watchRefusal } from "../src/watch-refusal.ts";
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

  const hour = 3_600_000_000_000;
  const faults: readonly (readonly [Record<string, unknown>, RegExp, keyof typeof mend])[] = [
    [{ ack_policy: "all" }, /settles events that nobody has committed/, "remake"],
    [
      { ack_policy: "none", max_ack_pending: undefined },
      /settles events that nobody has committed/,
      "remake",
    ],
    [{ max_deliver: 5 }, /gives events up .*max_deliver: 5/, "update"],
    [{ filter_subject: "stripe.events.invoice.>" }, /has a filter/, "update"],
    [{ deliver_policy: "new" }, /begins with new events/, "remake"],
    [{ headers_only: true }, /leaves the bodies out/, "update"],
    [{ inactive_threshold: hour }, /is forgotten when nobody reads/, "update"],
    [{ max_batch: 1 }, /refuses larger pulls/, "update"],
    [{ max_bytes: 1_000 }, /refuses pulls that do not say so few bytes/, "update"],
    [{ max_expires: 1_000_000_000 }, /refuses pulls that wait longer/, "update"],
    [{ max_waiting: 1 }, /refuses pulls while others wait/, "remake"],
    [{ max_ack_pending: 1 }, /slows down or stops.*max_ack_pending: 1/, "update"],
    [{ ack_wait: 24 * hour }, /come again late/, "update"],
    [{ pause_until: new Date(Date.now() + 3_600_000).toISOString() }, /is paused/, "update"],
    [{ backoff: [hour], ack_wait: hour }, /at other times than after ack_wait/, "update"],
    [{ priority_groups: ["a"], priority_policy: "overflow" }, /members of a group only/, "update"],
    [{ num_replicas: 1 }, /does not follow it/, "update"],
    [{ replay_policy: "original" }, /as slowly as events once came in/, "remake"],
    [{ mem_storage: true }, /keeps in memory only what is acknowledged/, "remake"],
  ];
  for (const [different, fault, way] of faults) {
    it(`is not taken from with ${JSON.stringify(different)}; \`${way}\` mends it, as the message says`, async () => {
      await stage.manager.consumers.delete(stream.name, durable.name).catch(() => {});
      await stage.manager.consumers.add(stream.name, { ...durableConfig(), ...different });
      await using stopping = new AsyncDisposableStack();
      const deliveries = await openOn(stage);
      stopping.defer(deliveries.stop);
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
      await deliveries.giveBack(taken);
    });
  }

  it("is a fault with a setting that nobody knows yet, and none with what changes nothing", () => {
    expect(durableFaults({ ...durableConfig(), max_surprise: 1 })).to.deep.equal([
      "consumer revenue has a setting that is not ours (max_surprise: 1): run `takings stream replay`, which makes it anew",
    ]);
    const harmless = { description: "x", metadata: { a: "b" }, sample_freq: "100", ack_wait: 1_000_000_000 };
    expect(
      durableFaults({ ...durableConfig(), ...harmless, num_replicas: 0, opt_start_seq: 7 }),
    ).to.deep.equal([]);
  });
});

describe("a pull that the server refuses", () => {
  it("ends at once with the server's words, and not after its time in silence", async () => {
    await using stage = await setStage();
    const consumer = await stage.admin.jetstream().consumers.get(stream.name, durable.name);
    await stage.manager.consumers.update(stream.name, durable.name, { max_batch: 1 });
    const messages = await consumer.fetch({ max_messages: 10, expires: 30_000 });
    const refusal = watchRefusal(messages, () => {});
    for await (const _ of messages) expect.fail();
    refusal.end();
    const judged = await refusal.judge().catch((error: unknown) => String(error));
    expect(judged).to.match(/the server refuses a pull: 409 exceeded maxrequestbatch/);
  });

  it("is none where its time was over before anything came", async () => {
    await using stage = await setStage();
    const consumer = await stage.admin.jetstream().consumers.get(stream.name, durable.name);
    const messages = await consumer.fetch({ max_messages: 10, expires: 1_000 });
    const refusal = watchRefusal(messages, () => {});
    for await (const _ of messages) expect.fail();
    refusal.end();
    await refusal.judge();
  });

  it("is trouble too where the server says nothing at all", async () => {
    await using stage = await setStage();
    await using stopping = new AsyncDisposableStack();
    // As many pulls of others as may wait at once; to one more the server does not answer.
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream.name}.${durable.name}`;
    const inbox = stage.admin.subscribe("_INBOX_admin.waiting");
    const pull = JSON.stringify({ batch: 1, expires: 30_000_000_000 });
    for (let n = 0; n < 512; n += 1) stage.admin.publish(subject, pull, { reply: inbox.getSubject() });
    await stage.admin.flush();
    const troubles: string[] = [];
    const deliveries = await openOn(stage, 100, (reason) => troubles.push(reason));
    stopping.defer(deliveries.stop);
    await eventually(
      "trouble",
      () => troubles.some((reason) => /says nothing of a pull/.test(reason)),
      20_000,
    );
    expect(deliveries.trouble()).to.match(/says nothing of a pull/);
  });
});
