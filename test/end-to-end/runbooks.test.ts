import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { nanos } from "nats";
import { acceptedEvents } from "./src/accepted-events.ts";
import {
  backUp,
  copyStore,
  type RunbookContext,
  freezeWith,
  replaceStore,
  createRunbookContext,
  untilCommitted,
} from "./src/runbook-context.ts";

const roomy = 50_000_000;

/** Runs the purger with the shortest retention. */
async function purgeJob({ operator }: RunbookContext): Promise<string> {
  const { code, output } = await operator.run("STREAM_KEEP=0s takings purge");
  if (code !== 0) throw new Error(output);
  return output;
}

describe("recovery procedures, executed as written", function () {
  this.timeout(180_000);

  it("stream full: accepts events again, and purges nothing that is not committed", async () => {
    await using context = await createRunbookContext(1_000_000);
    const events = acceptedEvents(context, 40_000);
    const frozen = await freezeWith(context, 6, events.accept);
    await eventually("the stream to be full", async () => (await events.send()) === 503);
    expect(context.ingress.output()).to.include("maximum bytes exceeded");

    const steps = context.operator.follow("The stream is full");
    expect(await steps.next("takings purge --dry-run")).to.include("what follows is not acknowledged");
    expect(await steps.next("STREAM_MAX_BYTES=20000000000 takings stream")).to.include(
      "stream STRIPE_EVENTS: max_bytes 1000000 → 20000000000",
    );
    await events.accept(3);
    expect(await purgeJob(context)).to.include("purged nothing");
    await context.startConsumer();
    frozen.resume();
    await untilCommitted(context);
    await steps.next("STREAM_KEEP=2d takings purge");
    expect((await context.streamInfo()).state.messages).to.equal(events.count());
    expect(await steps.next("takings stream replay")).to.match(/^\d+ events will be delivered again/);
    expect(await steps.next("takings purge", { STREAM_KEEP: "0s" })).to.match(/purged/);
    await events.expectNoneGone();
    steps.end();
    await untilCommitted(context);
    expect(await purgeJob(context)).to.match(/nothing is left on the stream|is empty/);
    await events.expectWhole();
  });

  for (const fate of ["resumes", "is killed"] as const) {
    it(`stream lost: events that only Stripe has are recovered, and a frozen consumer ${fate}`, async () => {
      await using context = await createRunbookContext(roomy);
      const events = acceptedEvents(context);
      await events.accept(3);
      const frozen = await freezeWith(context, 6, events.accept);
      const other = await context.startConsumer();
      // Stored after the events that the frozen consumer holds, and committed before them.
      await events.accept(2);
      await eventually("the later ones to be committed", async () => {
        const rows = await context.sql("select from takings.events");
        return rows.length === 5;
      });
      await other.end("SIGTERM");
      await events.accept(3);
      await purgeJob(context);
      await replaceStore(context);

      const steps = context.operator.follow("The stream is lost");
      await steps.next("takings stream");
      steps.end();
      const fresh = context.startConsumer();
      await events.accept(3);
      if (fate === "is killed") await frozen.kill();
      await fresh;
      await untilCommitted(context);
      if (fate === "resumes") frozen.resume();
      await recoverMissingEvents(context);
      await events.expectCounted();
      await events.resend();
      await untilCommitted(context);
      await purgeJob(context);
      await events.expectNoneGone();
      await events.expectWhole();
    });
  }

  it("stream restored from a snapshot: reassigned sequences are not mistaken for the former ones", async () => {
    await using context = await createRunbookContext(roomy);
    const events = acceptedEvents(context);
    await events.accept(3);
    const frozen = await freezeWith(context, 6, events.accept);
    const snapshot = await copyStore(context);
    const other = await context.startConsumer();
    await events.accept(3);
    await eventually("what came after the snapshot to be committed", async () => {
      const rows = await context.sql("select from takings.events");
      return rows.length >= 6;
    });
    await other.end("SIGTERM");
    await events.accept(3);
    await purgeJob(context);
    await replaceStore(context, snapshot);
    // They get the sequences of the lost events.
    await events.accept(4);

    const steps = context.operator.follow("Restored from a snapshot");
    await context.startConsumer();
    expect(await steps.next("takings stream replay")).to.include("from sequence 1 on");
    steps.end();
    frozen.resume();
    await recoverMissingEvents(context);
    await events.expectCounted();
    await events.resend();
    await untilCommitted(context);
    await purgeJob(context);
    await events.expectNoneGone();
    await events.expectWhole();
  });

  it("immutable stream setting: the stream is deleted only when everything is committed", async () => {
    await using context = await createRunbookContext(roomy);
    const events = acceptedEvents(context);
    const frozen = await freezeWith(context, 6, events.accept);
    await context.ingress.end("SIGTERM");

    const steps = context.operator.follow("An immutable stream setting is wrong");
    const dryRun = await context.operator.run("STREAM_KEEP=0s takings purge --dry-run");
    expect(dryRun.output).to.include("what follows is not acknowledged");
    frozen.resume();
    await untilCommitted(context);
    expect(await steps.next("STREAM_KEEP=0s takings purge --dry-run")).to.include(
      "nothing is left on the stream",
    );
    const manager = await context.manager();
    await manager.streams.delete(stream.name);
    expect(await steps.next("takings stream")).to.include("stream STRIPE_EVENTS created");
    steps.end();
    await events.expectWhole();
  });

  it("PostgreSQL restored: the stream redelivers what the backup lacks, whenever it was stored", async () => {
    await using context = await createRunbookContext(roomy);
    const events = acceptedEvents(context);
    await events.accept(3);
    const first = await freezeWith(context, 6, events.accept);
    const restore = await backUp(context);
    // Stored before the backup, committed after it.
    first.resume();
    await untilCommitted(context);
    await first.kill();
    const frozen = await freezeWith(context, 6, events.accept);
    await context.startConsumer();
    await events.accept(2);
    await restore();

    const steps = context.operator.follow("PostgreSQL was restored");
    await steps.next("takings migrate");
    const [open] = await context.sql<{ open: boolean }>(
      "select has_database_privilege('public', current_database(), 'connect') as open",
    );
    expect(open).to.deep.equal({ open: false });
    const early = await context.operator.run("STREAM_KEEP=0s takings purge");
    expect(early.output).to.match(
      /acknowledged but not committed in the database.*run takings stream replay/,
    );
    expect(early.code).to.equal(1);
    await events.expectNoneGone();
    expect(await steps.next("takings stream replay")).to.include("from sequence 1 on");
    frozen.resume();
    await events.accept(2);
    await untilCommitted(context);
    await steps.next("takings verify");
    steps.end();
    await purgeJob(context);
    await events.expectWhole();
    const { state } = await context.streamInfo();
    expect(state.messages).to.equal(0);
  });

  it("PostgreSQL restored from a backup older than the stream: Stripe has the difference", async () => {
    await using context = await createRunbookContext(roomy);
    const events = acceptedEvents(context);
    await context.startConsumer();
    await events.accept(3);
    await untilCommitted(context);
    const restore = await backUp(context);
    await events.accept(3);
    await untilCommitted(context);
    expect(await purgeJob(context)).to.include("purged 6");
    await restore();
    await context.operator.follow("PostgreSQL was restored").next("takings migrate");
    await events.accept(3);
    await recoverMissingEvents(context);
    await events.expectCounted();
    // Purged messages are older than STREAM_KEEP, and so than the duplicate window.
    const { streams } = await context.manager();
    await streams.update(stream.name, { duplicate_window: nanos(100) });
    await events.resend();
    await untilCommitted(context);
    await purgeJob(context);
    await events.expectWhole();
  });
});

async function recoverMissingEvents({ operator }: RunbookContext): Promise<void> {
  const steps = operator.follow("Recover missing events");
  await steps.next("takings reconcile");
  steps.end();
}
