import type { StripeEvent } from "@takings/simulator";
import type { CaseContext, FaultCase } from "../fault-case.ts";
import { summarizeHistory } from "../invariants.ts";
import { takeNatsSnapshot } from "../nats-snapshot.ts";
import { archivingServer, takeBaseBackup } from "../postgres-backup.ts";
import { untilDrained } from "../until-drained.ts";
import { untilCommittedSince } from "./restore.ts";
import { deliver, inParallel, sleepRandomly, verify } from "./steps.ts";

const recoveredWithinMs = 60_000;
const resentAtOnce = 8;

/** The genuine events that have got a 2xx so far. */
function acceptedEvents({ history }: CaseContext): StripeEvent[] {
  const { genuine, accepted } = summarizeHistory(history.read());
  return [...genuine]
    .filter(([id]) => accepted.has(id))
    .map(([id, body]) => ({ id, body, type: (JSON.parse(body) as StripeEvent).type }));
}

async function storedIds({ harness }: CaseContext): Promise<ReadonlySet<unknown>> {
  const rows = await harness.sql("select event_id from takings.events");
  return new Set(rows.map((row) => row["event_id"]));
}

/** Those of the events that are not stored. */
async function missingOf(context: CaseContext, events: readonly StripeEvent[]): Promise<StripeEvent[]> {
  const stored = await storedIds(context);
  return events.filter(({ id }) => !stored.has(id));
}

/**
 * Loses database and stream under load and restores each to another moment: the stream to the earlier one in even cycles,
 * the database in odd ones. Returns the events that the later one has.
 */
async function loseBoth(context: CaseContext): Promise<readonly StripeEvent[]> {
  const { servers, sql } = context.harness;
  const backup = await takeBaseBackup(servers);
  const pause = (): Promise<void> => sleepRandomly(context, 500, 1_500);
  const isStreamOlder = context.cycle % 2 === 0;
  await pause();
  const older = isStreamOlder ? await takeNatsSnapshot(servers) : undefined;
  await pause();
  const stored = await storedIds(context);
  const [row] = await sql("select clock_timestamp()::text as moment");
  await pause();
  const accepted = acceptedEvents(context);
  const snapshot = older ?? (await takeNatsSnapshot(servers));
  await untilCommittedSince(context, new Date().toISOString());
  await backup.archive();
  servers.nats.hold();
  await servers.nats.end("SIGKILL");
  snapshot.restore();
  await backup.restoreTo(String(row?.["moment"]));
  servers.nats.release();
  await servers.nats.ready();
  return isStreamOlder ? accepted.filter(({ id }) => stored.has(id)) : accepted;
}

/** Database and stream are restored to different moments; only Stripe has the rest. */
export const restoreBothCases: readonly FaultCase[] = [
  {
    title: "database and stream restored to different moments",
    numbers: [],
    fault:
      "NATS and PostgreSQL lose their data under load and are restored to different moments, either of them to the earlier one",
    expectation:
      "after `takings stream replay` nothing is missing that either had, and after Stripe has sent the rest again `takings verify` finds no difference",
    harness: async (workspace) => ({ ...archivingServer(workspace), consumers: 2 }),
    cycles: 2,
    onRequest: true,
    // The case itself sends, and stops so that the end of the replay can be waited for.
    quiet: true,
    async cycle(context) {
      const { harness, sender, history, reportViolation } = context;
      sender.start();
      const known = await loseBoth(context);
      context.healed();
      await harness.takings("stream", "replay");
      await sender.settle(recoveredWithinMs);
      await untilDrained(harness, recoveredWithinMs);
      const missing = await missingOf(context, known);
      if (missing.length > 0) reportViolation("LOSS", `${missing.length} events that database or stream had`);
      const resent = await missingOf(context, acceptedEvents(context));
      history.write({ what: "note", text: `only Stripe has ${resent.length} events` });
      if (resent.length === 0) reportViolation("LIVE", "nothing was lost, so the fault was not injected");
      await inParallel(resentAtOnce, resent, (event) => deliver(context, event));
      await untilDrained(harness, recoveredWithinMs);
      await verify(context);
    },
  },
];
