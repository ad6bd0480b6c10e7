import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createEventPublisher } from "../src/publish/event-publisher.ts";
import { ids, outgoing, refusalOf, createTestContext, storedIds, storedMessages } from "./test-context.ts";

describe("a group commit", () => {
  it("is not used for a lone event, but for the many that arrive while another is being stored", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await Promise.all(ids(30).map((id) => publish(outgoing(id))));
    const batches = (await storedMessages(context)).map(({ header }) => header.get("Nats-Batch-Id"));
    expect(batches[0]).to.equal("");
    expect(batches[1]).to.match(/^[0-9a-f-]{36}$/);
    expect(new Set(batches.slice(1)).size).to.equal(1);
  });

  it("is not used for a few, which cost the server less one by one", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await Promise.all(ids(6).map((id) => publish(outgoing(id))));
    const batches = (await storedMessages(context)).map(({ header }) => header.get("Nats-Batch-Id"));
    expect(batches).to.deep.equal(["", "", "", "", "", ""]);
  });

  it("holds events of several sources with the same ids, which are no duplicates of each other", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    const events = ids(15).flatMap((id) => [outgoing(id), outgoing(id, { source: "shop-eu" })]);
    const results = await Promise.all(events.map(publish));
    expect(results.filter(({ duplicate }) => duplicate)).to.deep.equal([]);
    const stored = await storedMessages(context);
    expect(new Set(stored.slice(1).map(({ header }) => header.get("Nats-Batch-Id"))).size).to.equal(1);
    expect(stored.map(({ header }) => header.get("Nats-Msg-Id"))).to.have.members(
      ids(15).flatMap((id) => [id, `shop-eu/${id}`]),
    );
  });

  it("makes each of its events a duplicate afterwards, also after a crash", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    await Promise.all(ids(30).map((id) => publish(outgoing(id))));
    await context.nats.kill();
    await context.nats.start();
    await eventually("a response", () => publish(outgoing("evt_0")));
    for (const id of ids(30)) expect(await publish(outgoing(id))).to.deep.equal({ duplicate: true });
  });

  it("excludes an event that the stream refuses, and stores the others", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    const neighbours = ids(30).map((id) => publish(outgoing(id)));
    const tooLarge = publish(outgoing("evt_large", { body: "x".repeat(stream.maxMessageBytes) }));
    neighbours.push(publish(outgoing("evt_last")));
    expect((await refusalOf(tooLarge)).message).to.match(/exceeds/);
    await Promise.all(neighbours);
    expect(await storedIds(context)).to.have.members([...ids(30), "evt_last"]);
  });

  it("is not used when the stream does not allow it, which is reported once", async () => {
    await using context = await createTestContext();
    await context.manager.streams.update(stream.name, { allow_atomic: false } as object);
    const reasons: string[] = [];
    const link = await context.link("ingress");
    const { publish } = createEventPublisher(link, {
      ackTimeoutMs: 4_000,
      onBatchingUnavailable: (reason) => reasons.push(reason),
    });
    for (const round of [ids(40), ids(80)]) await Promise.all(round.map((id) => publish(outgoing(id))));
    expect(await storedIds(context)).to.have.members(ids(80));
    expect(reasons).to.deep.equal(["atomic publish is disabled"]);
  });

  it("confirms nothing when the response is not about the whole batch", async () => {
    await using context = await createTestContext({ bare: true });
    // Responds as a server without batches does.
    context.admin.subscribe(stream.subjects, {
      callback: (_, message) => {
        if (message.reply) message.respond(JSON.stringify({ stream: stream.name, seq: 7 }));
      },
    });
    await context.admin.flush();
    const { publish } = await context.publisher();
    const lone = publish(outgoing("evt_lone"));
    const others = ids(20).map((id) => refusalOf(publish(outgoing(id))));
    expect(await lone).to.deep.equal({ duplicate: false });
    for (const { message } of await Promise.all(others)) {
      expect(message).to.contain("a batch of 20 was confirmed as one of 1");
    }
  });

  it("that the server did not finish before it was killed is either not confirmed or kept", async () => {
    await using context = await createTestContext();
    const { publish } = await context.publisher();
    const confirmed: string[] = [];
    for (const round of Array.from({ length: 6 }).keys()) {
      const sending = ids(300).map(async (number) => {
        const id = `${number}_${round}`;
        if (await publish(outgoing(id)).catch(() => undefined)) confirmed.push(id);
      });
      await eventually("some to be confirmed", async () => confirmed.length > round * 100);
      await context.nats.kill();
      await Promise.all(sending);
      await context.nats.start();
      await eventually("a response", () => publish(outgoing(`evt_between_${round}`)));
    }
    const stored = await storedIds(context);
    expect(stored).to.include.members(confirmed);
    expect(new Set(stored).size, "each once").to.equal(stored.length);
  });
});
