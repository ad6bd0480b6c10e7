import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { DiscardPolicy } from "nats";
import { applyTopology } from "../src/admin/apply-topology.ts";
import { streamConfig } from "../src/topology.ts";
import { outgoing, createTestContext, topology } from "./test-context.ts";

const second = 1_000_000_000;

describe("the topology", () => {
  it("creates the stream with the required configuration", async () => {
    await using context = await createTestContext();
    const { config } = await context.manager.streams.info(stream.name);
    expect(config).to.include({
      name: "STRIPE_EVENTS",
      storage: "file",
      retention: "limits",
      discard: "new",
      max_age: 0,
      max_msgs: -1,
      max_msgs_per_subject: -1,
      max_bytes: topology.maxBytes,
      duplicate_window: 120 * second,
      num_replicas: 1,
      allow_atomic: true,
      allow_direct: true,
      deny_delete: true,
      sealed: false,
    });
    expect(config.subjects).to.deep.equal(["stripe.events.>"]);
    expect(config.no_ack ?? false).to.equal(false);
  });

  it("creates the durable with explicit acks, all events and unlimited redelivery", async () => {
    await using context = await createTestContext();
    const { config } = await context.manager.consumers.info(stream.name, "revenue");
    expect(config).to.include({
      durable_name: "revenue",
      ack_policy: "explicit",
      deliver_policy: "all",
      replay_policy: "instant",
      max_deliver: -1,
      ack_wait: durable.ackWaitMs * 1_000_000,
      max_ack_pending: durable.maxAckPending,
    });
    expect(config.deliver_subject, "a pull consumer").to.equal(undefined);
    expect(config.inactive_threshold ?? 0, "never deleted when idle").to.equal(0);
  });

  it("accepts more than the largest accepted body", async () => {
    await using context = await createTestContext();
    const { config } = await context.manager.streams.info(stream.name);
    expect(config.max_msg_size).to.be.at.least(512 * 1_024 + 4_096);
  });

  it("changes nothing when it is applied again, neither messages nor the state of the durable", async () => {
    await using context = await createTestContext();
    await context.fill(3);
    const before = await context.manager.streams.info(stream.name);
    const consumerBefore = await context.manager.consumers.info(stream.name, durable.name);
    await applyTopology(context.admin, topology);
    const after = await context.manager.streams.info(stream.name);
    const consumerAfter = await context.manager.consumers.info(stream.name, durable.name);
    expect(after.config).to.deep.equal(before.config);
    expect(after.state).to.deep.equal(before.state);
    expect(consumerAfter.config).to.deep.equal(consumerBefore.config);
    expect(consumerAfter.created).to.equal(consumerBefore.created);
  });

  it("updates a stream that differs without losing anything", async () => {
    await using context = await createTestContext();
    await context.fill(3);
    await context.manager.streams.update(stream.name, { max_age: 86_400 * second, duplicate_window: second });
    await context.manager.consumers.update(stream.name, durable.name, { max_ack_pending: 7 });
    await applyTopology(context.admin, { ...topology, maxBytes: 60_000_000 });
    const { config, state } = await context.manager.streams.info(stream.name);
    expect(config).to.include({ max_age: 0, duplicate_window: 120 * second, max_bytes: 60_000_000 });
    expect(state.messages).to.equal(3);
    const consumer = await context.manager.consumers.info(stream.name, durable.name);
    expect(consumer.config.max_ack_pending).to.equal(durable.maxAckPending);
  });

  it("keeps settings of an existing stream that are not requested otherwise", async () => {
    await using context = await createTestContext({ bare: true });
    await context.manager.streams.add({
      ...streamConfig({ replicas: 1, maxBytes: 40_000_000 }),
      description: "theirs",
      max_msg_size: 8_000_000,
      duplicate_window: 300 * second,
      metadata: { owner: "them" },
      subjects: [stream.subjects, "theirs.>"],
    });
    const before = (await context.manager.streams.info(stream.name)).config;
    const { changes } = await applyTopology(context.admin);
    expect(changes).to.deep.equal(["consumer revenue created"]);
    expect((await context.manager.streams.info(stream.name)).config).to.deep.equal(before);
  });

  it("lists each change that it makes, and refuses reductions unless forced", async () => {
    await using context = await createTestContext();
    await context.manager.streams.update(stream.name, {
      max_age: 86_400 * second,
      discard: DiscardPolicy.Old,
    });
    const refusal = await applyTopology(context.admin, { maxBytes: 1_000_000 }).catch(String);
    expect(refusal).to.match(/max_bytes 50000000 → 1000000; nothing was changed/);
    expect((await context.manager.streams.info(stream.name)).config.max_age).to.equal(86_400 * second);
    const { changes } = await applyTopology(context.admin, { maxBytes: 1_000_000, force: true });
    expect(changes.toSorted()).to.deep.equal([
      "stream STRIPE_EVENTS: discard old → new",
      "stream STRIPE_EVENTS: max_age 86400000000000 → 0",
      "stream STRIPE_EVENTS: max_bytes 50000000 → 1000000",
    ]);
  });

  it("forgets an event id once the duplicate window is over, and then stores the event again", async () => {
    await using context = await createTestContext();
    await context.manager.streams.update(stream.name, { duplicate_window: second / 10 });
    const { publish } = await context.publisher();
    await publish(outgoing("evt_1"));
    const deadline = Date.now() + 5_000;
    let duplicate = true;
    while (duplicate && Date.now() < deadline) ({ duplicate } = await publish(outgoing("evt_1")));
    expect(duplicate).to.equal(false);
    expect((await context.manager.streams.info(stream.name)).state.messages).to.equal(2);
  });

  it("is applied once a server responds again that did not respond for longer than a request waits", async function () {
    this.timeout(30_000);
    await using context = await createTestContext({ bare: true });
    await context.nats.pause();
    const { outMsgs: before } = context.admin.stats();
    const applied = applyTopology(context.admin, topology);
    await eventually("another request", () => context.admin.stats().outMsgs > before + 1, 15_000);
    context.nats.resume();
    expect((await applied).faults).to.deep.equal([]);
    expect((await context.manager.consumers.info(stream.name, durable.name)).name).to.equal(durable.name);
  });

  it("can be applied twice at the same time", async () => {
    await using context = await createTestContext({ bare: true });
    await Promise.all([applyTopology(context.admin, topology), applyTopology(context.admin, topology)]);
    expect((await context.manager.streams.info(stream.name)).config.name).to.equal(stream.name);
  });
});
