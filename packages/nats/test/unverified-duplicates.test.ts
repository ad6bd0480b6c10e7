import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createEventPublisher } from "../src/publish/event-publisher.ts";
import { streamConfig } from "../src/topology.ts";
import {
  ids,
  outgoing,
  refusalOf,
  createTestContext,
  type TestContext,
  storedMessages,
  topology,
} from "./test-context.ts";

/** How often each event is on the stream, by either header that names it. */
async function copies(context: TestContext): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { header } of await storedMessages(context)) {
    const id = header.get("Nats-Msg-Id") || header.get("Takings-Event-Id");
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

describe("a duplicate reported by the server", () => {
  it("is stored again by a process that did not receive its confirmation, and only once", async () => {
    await using context = await createTestContext();
    const [first, second] = [await context.publisher(), await context.publisher()];
    await first.publish(outgoing("evt_1"));
    for (const _ of [1, 2, 3]) {
      expect(await second.publish(outgoing("evt_1"))).to.deep.equal({ duplicate: true });
    }
    expect(await copies(context)).to.deep.equal({ evt_1: 2 });
    const [, copy] = await storedMessages(context);
    expect(Buffer.from(copy?.data ?? []).toString()).to.equal("evt_1");
    expect(copy?.header.get("Nats-Msg-Id")).to.equal("");
  });

  it("is stored again for each source, under its name", async () => {
    await using context = await createTestContext();
    const [first, second] = [await context.publisher(), await context.publisher()];
    const ofEach = ["default", "shop-eu"].map((source) => outgoing("evt_1", { source }));
    for (const event of ofEach) await first.publish(event);
    await Promise.all(ofEach.map((event) => second.publish(event)));
    for (const event of ofEach) expect(await second.publish(event)).to.deep.equal({ duplicate: true });
    expect(await copies(context)).to.deep.equal({ evt_1: 2, "shop-eu/evt_1": 2 });
    const sources = (await storedMessages(context)).map(({ header }) => header.get("Takings-Source"));
    expect(sources).to.have.members(["", "shop-eu", "", "shop-eu"]);
  });

  it("is stored again once for all its deliveries that wait at the same time", async () => {
    await using context = await createTestContext();
    const [first, second] = [await context.publisher(), await context.publisher()];
    await first.publish(outgoing("evt_1"));
    const results = await Promise.all(Array.from({ length: 30 }, () => second.publish(outgoing("evt_1"))));
    expect(new Set(results.map(({ duplicate }) => duplicate))).to.deep.equal(new Set([true]));
    expect(await copies(context)).to.deep.equal({ evt_1: 2 });
  });

  it("is not stored again by the process that received its confirmation, alone or in a group commit", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await Promise.all(ids(40).map((id) => publish(outgoing(id))));
    for (const id of ids(40)) expect(await publish(outgoing(id))).to.deep.equal({ duplicate: true });
    expect(new Set(Object.values(await copies(context)))).to.deep.equal(new Set([1]));
  });

  it("is stored again when it names another account than the first delivery, and only once", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await publish(outgoing("evt_1"));
    for (const _ of [1, 2]) {
      expect(await publish({ ...outgoing("evt_1"), account: "acct_1" })).to.deep.equal({ duplicate: true });
      expect(await publish(outgoing("evt_1"))).to.deep.equal({ duplicate: true });
    }
    expect(await copies(context)).to.deep.equal({ evt_1: 2 });
  });

  it("is stored again after a reconnection, because it may be to another server", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await publish(outgoing("evt_1"));
    await context.nats.kill();
    await context.nats.start();
    expect(await eventually("a response", () => publish(outgoing("evt_1")))).to.deep.equal({
      duplicate: true,
    });
    expect(await copies(context)).to.deep.equal({ evt_1: 2 });
  });

  it("is refused while the stream refuses the copy, and a duplicate as soon as the copy is confirmed", async () => {
    await using context = await createTestContext();
    const [first, second] = [await context.publisher(), await context.publisher()];
    await first.publish(outgoing("evt_1"));
    const { bytes } = (await context.manager.streams.info(stream.name)).state;
    const config = { ...streamConfig(topology), name: stream.name };
    await context.manager.streams.update(stream.name, { ...config, max_bytes: bytes });
    expect((await refusalOf(second.publish(outgoing("evt_1")))).message).to.match(/maximum bytes exceeded/);
    await context.manager.streams.update(stream.name, config);
    expect(await second.publish(outgoing("evt_1"))).to.deep.equal({ duplicate: true });
  });

  it("is stored again when another stream has replaced the one that confirmed it", async () => {
    await using context = await createTestContext();
    const publisher = createEventPublisher(await context.link("ingress"), { ackTimeoutMs: 4_000 });
    await publisher.publish(outgoing("evt_1"));
    await context.manager.streams.delete(stream.name);
    await eventually("the stream to be recreated", () =>
      context.manager.streams.add({ ...streamConfig(topology), name: stream.name }),
    );
    await (await context.publisher()).publish(outgoing("evt_1"));
    publisher.streamChanged();
    expect(await publisher.publish(outgoing("evt_1"))).to.deep.equal({ duplicate: true });
    expect(await copies(context)).to.deep.equal({ evt_1: 2 });
  });

  it("is stored again when the confirmed message was purged", async () => {
    await using context = await createTestContext();
    const publisher = createEventPublisher(await context.link("ingress"), { ackTimeoutMs: 4_000 });
    for (const times of [1, 2]) {
      for (const id of ids(3)) await publisher.publish(outgoing(id));
      // In the second round it is the copy that is confirmed and then purged.
      expect(await copies(context)).to.deep.equal({ evt_0: 1, evt_1: 1, evt_2: 1 });
      await context.manager.streams.purge(stream.name);
      publisher.setFirstSequence(3 * times + 1);
    }
  });

  it("is refused after a group commit that the server's storage limit interrupted, until it has room", async () => {
    await using context = await createTestContext({ maxFileStoreBytes: 3_000_000, bare: true });
    const { streams } = context.manager;
    await streams.add({ ...streamConfig(topology), name: stream.name, max_bytes: -1 });
    await streams.add({ name: "FILLER", subjects: ["filler"] });
    const jetstream = context.admin.jetstream();
    const fill = async (bytes: number): Promise<unknown> =>
      jetstream.publish("filler", new Uint8Array(bytes)).catch(() => undefined);
    for (const _ of Array.from({ length: 40 })) await fill(70_000);
    const events = ids(300).map((id) => outgoing(id, { body: id.padEnd(2_000, "x") }));
    const { publish } = await context.publisher(1_000);
    const sent = await Promise.allSettled(events.map((event) => publish(event)));
    const open = events.filter((_, index) => sent[index]?.status === "rejected");
    const known = new Set(Object.keys(await copies(context)));
    // The server knows these but confirmed none, so whether they are on disk is unknown.
    const unverified = open.filter(({ id }) => known.has(id));
    expect(unverified).not.to.have.length(0);
    for (const event of unverified) await refusalOf(publish(event));
    await streams.delete("FILLER");
    for (const event of open) {
      expect(await publish(event)).to.deep.equal({ duplicate: known.has(event.id) });
    }
    const stored = await copies(context);
    for (const { id } of unverified) expect(stored[id], id).to.equal(2);
  });
});
