import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { applyTopology } from "../src/apply-topology.ts";
import { durableFaults } from "../src/durable-faults.ts";
import { durableConfig } from "../src/topology.ts";
import { replayStream } from "../src/replay-stream.ts";
import { watchPullRejection } from "../src/watch-pull-rejection.ts";
import { openOn, createTestContext, type TestContext, topology, unacknowledged } from "./test-context.ts";

describe("a durable that could skip events", () => {
  let context: TestContext;
  before(async () => {
    context = await createTestContext();
    await context.fill(3);
  });
  after(() => context[Symbol.asyncDispose]());

  const fix = {
    update: () => applyTopology(context.admin, topology),
    remake: () => replayStream(context.admin, { sequence: 1 }),
  };

  const hour = 3_600_000_000_000;
  const faults: readonly (readonly [Record<string, unknown>, RegExp, keyof typeof fix])[] = [
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
      await context.manager.consumers.delete(stream.name, durable.name).catch(() => {});
      await context.manager.consumers.add(stream.name, { ...durableConfig(), ...different });
      await using stopping = new AsyncDisposableStack();
      const deliveries = await openOn(context);
      stopping.defer(deliveries.stop);
      const failure = await eventually("failure", () => {
        const said = deliveries.failure();
        return said?.includes("consumer revenue") ? said : undefined;
      });
      expect(failure)
        .to.match(fault)
        .and.match(way === "update" ? /`takings stream`/ : /`takings stream replay`/);
      expect(await unacknowledged(context)).to.equal(0);
      await fix[way]();
      const taken = (await deliveries.nextBatch()) ?? [];
      expect(taken[0]?.position.sequence).to.equal(1);
      expect(deliveries.failure()).to.equal(undefined);
      await deliveries.nak(taken);
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
    await using context = await createTestContext();
    const consumer = await context.admin.jetstream().consumers.get(stream.name, durable.name);
    await context.manager.consumers.update(stream.name, durable.name, { max_batch: 1 });
    const messages = await consumer.fetch({ max_messages: 10, expires: 30_000 });
    const refusal = watchPullRejection(messages, () => {});
    for await (const _ of messages) expect.fail();
    refusal.end();
    const judged = await refusal.throwIfRejected().catch((error: unknown) => String(error));
    expect(judged).to.match(/the server refuses a pull: 409 exceeded maxrequestbatch/);
  });

  it("is none where its time was over before anything came", async () => {
    await using context = await createTestContext();
    const consumer = await context.admin.jetstream().consumers.get(stream.name, durable.name);
    const messages = await consumer.fetch({ max_messages: 10, expires: 1_000 });
    const refusal = watchPullRejection(messages, () => {});
    for await (const _ of messages) expect.fail();
    refusal.end();
    await refusal.throwIfRejected();
  });

  it("is failure too when the server does not respond", async () => {
    await using context = await createTestContext();
    await using stopping = new AsyncDisposableStack();
    // As many pulls of others as may wait at once; to one more the server does not answer.
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream.name}.${durable.name}`;
    const inbox = context.admin.subscribe("_INBOX_admin.waiting");
    const pull = JSON.stringify({ batch: 1, expires: 30_000_000_000 });
    for (let n = 0; n < 512; n += 1) context.admin.publish(subject, pull, { reply: inbox.getSubject() });
    await context.admin.flush();
    const troubles: string[] = [];
    const deliveries = await openOn(context, 100, (reason) => troubles.push(reason));
    stopping.defer(deliveries.stop);
    await eventually(
      "failure",
      () => troubles.some((reason) => /says nothing of a pull/.test(reason)),
      20_000,
    );
    expect(deliveries.failure()).to.match(/says nothing of a pull/);
  });
});
