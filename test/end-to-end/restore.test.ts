import { expect } from "chai";
import { describe, it } from "mocha";
import { acceptedEvents } from "./src/accepted-events.ts";
import {
  backUp,
  copyStore,
  createRunbookContext,
  replaceStore,
  type RunbookContext,
  untilCommitted,
} from "./src/runbook-context.ts";

const roomy = 50_000_000;

/** The stream of the recovery: restored from a snapshot that is older or newer than the backup, or made anew. */
const streams = ["newer", "older", "new"] as const;

describe("database and stream lost together, recovered as written", function () {
  this.timeout(180_000);

  for (const kind of streams) {
    it(`${kind === "new" ? "a new stream" : `a stream ${kind} than the database`}: both and Stripe have everything`, async () => {
      await using context = await createRunbookContext(roomy);
      const events = acceptedEvents(context);
      await context.startConsumer();
      const acceptAndCommit = async (): Promise<void> => {
        await events.accept(3);
        await untilCommitted(context);
      };
      await acceptAndCommit();
      let snapshot: string | undefined;
      if (kind === "older") snapshot = await copyStore(context);
      if (kind === "older") await acceptAndCommit();
      const restoreDatabase = await backUp(context);
      await acceptAndCommit();
      if (kind === "newer") snapshot = await copyStore(context);
      if (kind === "newer") await acceptAndCommit();
      await replaceStore(context, snapshot);
      await restoreDatabase();

      const steps = context.operator.follow("Database and stream are lost");
      await steps.next("takings migrate");
      await steps.next("takings stream");
      // They get sequences that lost events had.
      await events.accept(3);
      await steps.next("takings stream replay");
      await untilCommitted(context);
      await steps.next("takings verify");
      // The three that only Stripe has are missing.
      expect(await storedEvents(context)).to.equal(events.count() - 3);
      expect(await steps.next("takings reconcile")).to.include("repaired");
      steps.end();
      await events.expectCounted();
      await events.resend();
      await untilCommitted(context);
      const { code, output } = await context.operator.run("STREAM_KEEP=0s takings purge");
      expect(code, output).to.equal(0);
      await events.expectWhole();
    });
  }
});

describe("a database restored from a backup, without a replay of the stream", function () {
  this.timeout(180_000);

  it("is noticed by takings purge and takings reconcile, not by takings verify", async () => {
    await using context = await createRunbookContext(roomy);
    const events = acceptedEvents(context);
    await context.startConsumer();
    await events.accept(3);
    await untilCommitted(context);
    const restoreDatabase = await backUp(context);
    await events.accept(3);
    await untilCommitted(context);
    await restoreDatabase();
    const { operator } = context;
    await operator.follow("PostgreSQL was restored").next("takings migrate");

    expect(await operator.run("takings verify")).to.include({ code: 0 });
    // The age of the events keeps them, so the purger has no other reason to look.
    const purged = await operator.run("takings purge");
    expect(purged.output).to.include("event 4 of the stream is acknowledged but not committed");
    expect(purged.code).to.equal(1);
    expect(await operator.run("takings reconcile --dry-run")).to.include({ code: 2 });
    await events.expectNoneGone();
  });
});

async function storedEvents(context: RunbookContext): Promise<number> {
  return (await context.sql("select from takings.events")).length;
}
