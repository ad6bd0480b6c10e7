import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createEventPublisher } from "../src/publish/event-publisher.ts";
import { openLink } from "../src/nats-link.ts";
import { applyTopology } from "../src/admin/apply-topology.ts";
import { ids, outgoing, refusalOf, createTestContext, storedIds, storedMessages } from "./test-context.ts";

describe("the event publisher", () => {
  it("stores the bytes under the type's subject and the event's id, with the headers given", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const event = { ...outgoing("evt_1", { type: "a.b", body: "{ \u0000é" }), headers: { traceparent } };
    expect(await publish(event)).to.deep.equal({ duplicate: false });
    const stored = await context.manager.streams.getMessage(stream.name, { seq: 1 });
    expect(stored.subject).to.equal("stripe.events.a.b");
    expect(Buffer.from(stored.data).toString()).to.equal("{ \u0000é");
    expect(stored.header.get("Nats-Msg-Id")).to.equal("evt_1");
    expect(stored.header.get("traceparent")).to.equal(traceparent);
  });

  it("stores an event of another source than the default one under its source, and names that in a header", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    const ofEach = ["default", "shop-eu"].map((source) => outgoing("evt_1", { source }));
    for (const event of ofEach) expect(await publish(event)).to.deep.equal({ duplicate: false });
    for (const event of ofEach) expect(await publish(event)).to.deep.equal({ duplicate: true });
    const named = (await storedMessages(context)).map(({ header }) =>
      ["Nats-Msg-Id", "Takings-Source"].map((name) => header.get(name)),
    );
    expect(named).to.deep.equal([
      ["evt_1", ""],
      ["shop-eu/evt_1", "shop-eu"],
    ]);
  });

  it("reports a duplicate when the server knows the event's id", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await publish(outgoing("evt_1"));
    expect(await publish(outgoing("evt_1"))).to.deep.equal({ duplicate: true });
    expect((await context.manager.streams.info(stream.name)).state.messages).to.equal(1);
  });

  it("still reports a duplicate after the server crashed", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await publish(outgoing("evt_1"));
    await context.nats.kill();
    await context.nats.start();
    const again = await eventually("a response", () => publish(outgoing("evt_1")));
    expect(again).to.deep.equal({ duplicate: true });
  });

  it("refuses when there is no stream", async () => {
    await using context = await createTestContext({ bare: true });
    const { publish } = await context.publisher();
    const { code, message } = await refusalOf(publish(outgoing("evt_1")));
    expect(code).to.equal("unavailable");
    expect(message).to.match(/not confirmed by the stream/);
  });

  it("refuses when another stream captures the subject, and leaves nothing in it", async () => {
    await using context = await createTestContext({ bare: true });
    await context.manager.streams.add({ name: "ANOTHER", subjects: [stream.subjects] });
    const { publish } = await context.publisher();
    expect((await refusalOf(publish(outgoing("evt_1")))).code).to.equal("unavailable");
    expect((await context.manager.streams.info("ANOTHER")).state.messages).to.equal(0);
  });

  it("refuses a confirmation that is not from the stream", async () => {
    await using context = await createTestContext({ bare: true });
    const impostor = context.admin.subscribe(stream.subjects, {
      callback: (_, message) =>
        void message.respond(JSON.stringify({ stream: "ANOTHER", seq: 7, duplicate: false })),
    });
    await context.admin.flush();
    const { publish } = await context.publisher();
    const { message } = await refusalOf(publish(outgoing("evt_1")));
    expect(message).to.equal(
      "not confirmed by the stream: stream ANOTHER confirmed instead of STRIPE_EVENTS",
    );
    impostor.unsubscribe();
  });

  it("refuses a confirmation without a sequence", async () => {
    await using context = await createTestContext({ bare: true });
    context.admin.subscribe(stream.subjects, {
      callback: (_, message) => void message.respond(JSON.stringify({ stream: stream.name, seq: 0 })),
    });
    await context.admin.flush();
    const { publish } = await context.publisher();
    expect((await refusalOf(publish(outgoing("evt_1")))).code).to.equal("unavailable");
  });

  it("refuses at once when the connection is lost before the confirmation", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher(30_000);
    await context.nats.pause();
    const publishing = refusalOf(publish(outgoing("evt_1")));
    await context.nats.kill();
    const started = performance.now();
    expect((await publishing).message).to.contain("the connection was lost before the confirmation");
    expect(performance.now() - started).to.be.below(1_000);
  });

  it("refuses within the timeout when the server hangs", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher(300);
    await context.nats.pause();
    const started = performance.now();
    expect((await refusalOf(publish(outgoing("evt_1")))).code).to.equal("unavailable");
    expect(performance.now() - started).to.be.below(2_000);
    context.nats.resume();
  });

  it("sends nothing more to a server that hangs until the server has read what it was sent", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher(300);
    await context.nats.pause();
    await refusalOf(publish(outgoing("evt_1")));
    const started = performance.now();
    for (const id of ids(50)) {
      expect((await refusalOf(publish(outgoing(id)))).message).to.equal(
        "NATS does not read what it was sent",
      );
    }
    expect(performance.now() - started).to.be.below(300);
    context.nats.resume();
    await eventually("a response", () => publish(outgoing("evt_after")));
    expect(await storedIds(context)).to.deep.equal(["evt_1", "evt_after"]);
  });

  it("buffers nothing while disconnected: an event refused then is never stored later", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await publish(outgoing("evt_before"));
    await context.nats.kill();
    await eventually("the loss to be detected", async () =>
      (await refusalOf(publish(outgoing("evt_lost")))).message.includes("no connection"),
    );
    for (const number of Array.from({ length: 50 }).keys()) {
      await refusalOf(publish(outgoing(`evt_while_away_${number}`)));
    }
    await context.nats.start();
    await eventually("a response", () => publish(outgoing("evt_after")));
    const { nats } = await (await context.link("admin")).connected(5_000);
    const { streams } = await nats.jetstreamManager();
    const { state } = await streams.info(stream.name);
    const last = await streams.getMessage(stream.name, { seq: state.last_seq });
    expect(last.header.get("Nats-Msg-Id")).to.equal("evt_after");
    expect(state.messages).to.be.at.most(3);
  });

  it("publishes as soon as a server is reachable that was away at the start", async () => {
    await using context = await createTestContext();
    await context.nats.stop();
    const link = await openLink({ url: context.nats.urls.ingress, name: "ingress" });
    const { publish } = createEventPublisher(link, { ackTimeoutMs: 1_000 });
    expect((await refusalOf(publish(outgoing("evt_1")))).message).to.equal("no connection to NATS");
    await context.nats.start();
    expect(await eventually("a response", () => publish(outgoing("evt_1")))).to.deep.equal({
      duplicate: false,
    });
    await link.close();
  });

  it("has stored every confirmed event when the stream has become full", async () => {
    await using context = await createTestContext({ bare: true });
    await applyTopology(context.admin, { maxBytes: 60_000, force: true });
    const { publish } = await context.publisher();
    const confirmed: string[] = [];
    for (const number of Array.from({ length: 40 }).keys()) {
      const body = `${number}:`.padEnd(5_000, "x");
      const outcome = await publish(outgoing(`evt_${number}`, { body })).catch(() => undefined);
      if (outcome !== undefined) confirmed.push(body);
    }
    expect(confirmed.length).to.be.within(5, 15);
    const { state } = await context.manager.streams.info(stream.name);
    expect(state.messages).to.equal(confirmed.length);
    const read = await Promise.all(
      confirmed.map((_, index) => context.manager.streams.getMessage(stream.name, { seq: index + 1 })),
    );
    expect(read.map(({ data }) => Buffer.from(data).toString())).to.deep.equal(confirmed);
  });

  for (const response of ["", "{}", "ok", '{"stream":"STRIPE_EVENTS"}', '{"error":{"code":503}}']) {
    it(`refuses a response that confirms nothing: ${JSON.stringify(response)}`, async () => {
      await using context = await createTestContext({ bare: true });
      context.admin.subscribe(stream.subjects, { callback: (_, message) => void message.respond(response) });
      await context.admin.flush();
      const { publish } = await context.publisher();
      expect((await refusalOf(publish(outgoing("evt_1")))).code).to.equal("unavailable");
    });
  }
});

describe("concurrent events", () => {
  it("are each confirmed individually, whatever the result of the others", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    const known = ids(200).filter((_, number) => number % 7 === 0);
    await Promise.all(known.map((id) => publish(outgoing(id))));
    const outcomes = await Promise.all(
      ids(200).map(async (id) => ({ id, ...(await publish(outgoing(id))) })),
    );
    expect(outcomes.filter(({ duplicate }) => duplicate).map(({ id }) => id)).to.deep.equal(known);
    expect(await storedIds(context)).to.have.members(ids(200));
  });

  it("that are the same are stored once and are duplicates otherwise", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    const twins = await Promise.all(ids(50).flatMap((id) => [publish(outgoing(id)), publish(outgoing(id))]));
    expect(twins.filter(({ duplicate }) => !duplicate)).to.have.length(50);
    expect(await storedIds(context)).to.have.members(ids(50));
  });

  it("are confirmed only as far as the stream had room", async () => {
    await using context = await createTestContext({ bare: true });
    await applyTopology(context.admin, { maxBytes: 60_000, force: true });
    const { publish } = await context.publisher();
    const sent = await Promise.allSettled(
      ids(40).map(async (id) => {
        await publish(outgoing(id, { body: id.padEnd(5_000, "x") }));
        return id;
      }),
    );
    const confirmed = sent.filter((one) => one.status === "fulfilled").map(({ value }) => value);
    expect(confirmed.length).to.be.within(5, 15);
    expect(await storedIds(context)).to.have.members(confirmed);
  });

  it("are all refused when the connection is lost, and a later one is confirmed on the next connection", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher(30_000);
    await context.nats.pause();
    const refusals = Promise.all(ids(100).map((id) => refusalOf(publish(outgoing(id)))));
    await context.nats.kill();
    for (const { message } of await refusals) {
      expect(message).to.contain("the connection was lost before the confirmation");
    }
    await context.nats.start();
    await eventually("a response", () => publish(outgoing("evt_after")));
    expect(await storedIds(context)).to.include("evt_after");
  });

  it("are refused within the timeout when the server hangs; its late responses confirm nothing else", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher(300);
    await context.nats.pause();
    await Promise.all(ids(20).map((id) => refusalOf(publish(outgoing(id)))));
    context.nats.resume();
    // They may have been stored all the same, and then the server knows them.
    const again = await eventually("a response", () => publish(outgoing("evt_0")));
    const other = await publish(outgoing("evt_other"));
    expect([again, other]).to.deep.equal([{ duplicate: true }, { duplicate: false }]);
  });
});
