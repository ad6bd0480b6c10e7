import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { applyTopology } from "../src/admin/apply-topology.ts";
import { recreateDurable } from "../src/admin/recreate-durable.ts";
import { durableFaults } from "../src/durable-faults.ts";
import { durableConfig } from "../src/topology.ts";
import { replayStream } from "../src/admin/replay-stream.ts";
import { pull, type PullRequest, UnansweredPullError } from "../src/consume/pull.ts";
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
    recreate: () => replayStream(context.admin, { sequence: 1 }),
  };

  const hour = 3_600_000_000_000;
  const faults: readonly (readonly [Record<string, unknown>, RegExp, keyof typeof fix])[] = [
    [{ ack_policy: "all" }, /treats events as acknowledged that are not committed/, "recreate"],
    [
      { ack_policy: "none", max_ack_pending: undefined },
      /treats events as acknowledged that are not committed/,
      "recreate",
    ],
    [{ max_deliver: 5 }, /gives up on events .*max_deliver: 5/, "update"],
    [{ filter_subject: "stripe.events.invoice.>" }, /has a filter/, "update"],
    [{ deliver_policy: "new" }, /starts with new events/, "recreate"],
    [{ headers_only: true }, /delivers no bodies/, "update"],
    [{ inactive_threshold: hour }, /is deleted when nothing is pulled/, "update"],
    [{ max_batch: 1 }, /refuses larger pulls/, "update"],
    [{ max_bytes: 1_000 }, /refuses pulls without such a byte limit/, "update"],
    [{ max_expires: 1_000_000_000 }, /refuses pulls that wait longer/, "update"],
    [{ max_waiting: 1 }, /refuses pulls while others wait/, "recreate"],
    [{ max_ack_pending: 1 }, /slows down or stops.*max_ack_pending: 1/, "update"],
    [{ ack_wait: 24 * hour }, /redelivers events of a crashed process late/, "update"],
    [{ pause_until: new Date(Date.now() + 3_600_000).toISOString() }, /is paused/, "update"],
    [{ backoff: [hour], ack_wait: hour }, /at other times than after ack_wait/, "update"],
    [{ priority_groups: ["a"], priority_policy: "overflow" }, /members of a group only/, "update"],
    [{ num_replicas: 1 }, /has its own number of replicas/, "update"],
    [{ replay_policy: "original" }, /as slowly as events were received/, "recreate"],
    [{ mem_storage: true }, /keeps acknowledgements in memory only/, "recreate"],
  ];
  for (const [different, fault, way] of faults) {
    it(`is not pulled from with ${JSON.stringify(different)}; \`${way}\` fixes it, as the message says`, async () => {
      await recreateDurable(context.manager, { ...durableConfig(), ...different });
      await using stopping = new AsyncDisposableStack();
      const deliveries = await openOn(context);
      stopping.defer(deliveries.stop);
      const failure = await eventually("the failure", () => {
        const reason = deliveries.failure();
        return reason?.includes("consumer revenue") ? reason : undefined;
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

  it("is a fault with an unknown setting, and none with settings that do no harm", () => {
    expect(durableFaults({ ...durableConfig(), max_surprise: 1 })).to.deep.equal([
      "consumer revenue has an unexpected setting (max_surprise: 1): run `takings stream replay`, which recreates it",
    ]);
    const harmless = { description: "x", metadata: { a: "b" }, sample_freq: "100", ack_wait: 1_000_000_000 };
    expect(
      durableFaults({ ...durableConfig(), ...harmless, num_replicas: 0, opt_start_seq: 7 }),
    ).to.deep.equal([]);
  });
});

describe("a pull that the server refuses", () => {
  const request: PullRequest = { count: 10, maxBytes: 1_000_000, expiresMs: 30_000 };

  /** Pulls, and returns how often the server was found to have accepted it. */
  async function pullFrom({ admin }: TestContext, asked: Partial<PullRequest>): Promise<number> {
    const connection = { nats: admin, inbox: "_INBOX_admin", lost: new AbortController().signal };
    let accepted = 0;
    await pull(
      connection,
      { ...request, ...asked },
      {
        onMessage: () => expect.fail("there is no message"),
        onAccepted: () => void (accepted += 1),
        stopped: new AbortController().signal,
      },
    );
    return accepted;
  }

  it("ends at once with the server's reason instead of expiring", async () => {
    await using context = await createTestContext();
    await context.manager.consumers.update(stream.name, durable.name, { max_batch: 1 });
    const reason = await pullFrom(context, {}).catch((error: unknown) => String(error));
    expect(reason).to.match(/the server refuses a pull: 409 exceeded maxrequestbatch/);
  });

  it("ends at once when the durable is missing", async () => {
    await using context = await createTestContext();
    await context.manager.consumers.delete(stream.name, durable.name);
    const reason = await pullFrom(context, {}).catch((error: unknown) => String(error));
    expect(reason).to.match(/the server refuses a pull: 503/);
  });

  it("is not one that expired before anything arrived", async () => {
    await using context = await createTestContext();
    expect(await pullFrom(context, { expiresMs: 1_000 })).to.equal(2);
  });

  it("is a failure until the server accepts one", async () => {
    await using context = await createTestContext();
    await using stopping = new AsyncDisposableStack();
    // As many pulls as may wait at once; the server refuses one more.
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream.name}.${durable.name}`;
    const inbox = context.admin.subscribe("_INBOX_admin.waiting");
    const waiting = JSON.stringify({ batch: 1, expires: 30_000_000_000 });
    for (let n = 0; n < 512; n += 1) context.admin.publish(subject, waiting, { reply: inbox.getSubject() });
    await context.admin.flush();
    const reasons: string[] = [];
    const deliveries = await openOn(context, 100, (reason) => reasons.push(reason));
    stopping.defer(deliveries.stop);
    await eventually("the failure", () => reasons.length > 0);
    expect(deliveries.failure()).to.match(/the server refuses a pull: 409 exceeded maxwaiting/);
    inbox.unsubscribe();
    await eventually("an accepted pull", () => deliveries.failure() === undefined);
  });

  it("is a failure too when the server does not respond", async () => {
    await using context = await createTestContext();
    await context.nats.pause();
    const reason = await pullFrom(context, { expiresMs: 300 }).catch((error: unknown) => error);
    context.nats.resume();
    expect(reason).to.be.instanceOf(UnansweredPullError);
  });
});
