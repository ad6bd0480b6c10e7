import { eventually } from "@takings/testkit";
import type { CaseContext, FaultCase } from "../fault-case.ts";
import { archivingServer, takeBaseBackup } from "../postgres-backup.ts";
import { compareResponses, type RecordedResponse, readTotals } from "../recorded-responses.ts";
import { untilDrained } from "../until-drained.ts";
import { sleepRandomly, verify } from "./steps.ts";

const replayedWithinMs = 60_000;
/** Traffic repeats some events, so that a single one might come again by itself. */
const minCommitted = 10;

/** Until some events that were received after this time are committed, so that no consumer holds them any more. */
export async function untilCommittedSince({ harness }: CaseContext, time: string): Promise<void> {
  const text = `select from takings.events where received_at > '${time}'`;
  await eventually(
    "later events to be committed",
    async () => (await harness.sql(text)).length >= minCommitted,
    replayedWithinMs,
  );
}

async function readRepeatedly(context: CaseContext): Promise<RecordedResponse[]> {
  const responses: RecordedResponse[] = [];
  for (const _ of [1, 2, 3]) {
    responses.push(await readTotals(context));
    await sleepRandomly(context, 100, 300);
  }
  return responses;
}

/** The moment to which a database was restored, and what readers got before it and after it. */
type Restored = {
  readonly moment: string;
  readonly before: readonly RecordedResponse[];
  readonly after: readonly RecordedResponse[];
};

/** Loses the data of PostgreSQL under load, and restores what was committed at an earlier moment. */
async function loseAndRestore(context: CaseContext): Promise<Restored> {
  const { servers, sql } = context.harness;
  const backup = await takeBaseBackup(servers);
  const before = await readRepeatedly(context);
  const [row] = await sql("select to_json(clock_timestamp()) #>> '{}' as moment");
  const moment = String(row?.["moment"]);
  const archived = await readRepeatedly(context);
  await backup.archive();
  // What is recorded from here on is not archived.
  const lost = await readRepeatedly(context);
  await untilCommittedSince(context, moment);
  await backup.restoreTo(moment);
  return { moment, before, after: [...archived, ...lost] };
}

/** Recorded times that readers were given for the lost recordings must not be given to others. */
async function checkRecordedTime(context: CaseContext, { moment, before, after }: Restored): Promise<void> {
  const { harness, reportViolation } = context;
  const latest = after.at(-1)?.asOf ?? "";
  const continued = `select from takings.recordings where recorded_at > '${latest}'`;
  await eventually(
    "recorded time to continue",
    async () => (await harness.sql(continued)).length > 0,
    30_000,
  );
  const again = `select from takings.events where recorded_at > '${moment}' and recorded_at <= '${latest}'`;
  const { length } = await harness.sql(again);
  if (length > 0)
    reportViolation("ONCE", `${length} events have recorded times that readers were given before`);
  await compareResponses(context, before);
}

/** PostgreSQL is restored from its base backup and archived WAL; the stream has what is missing. */
export const restoreCases: readonly FaultCase[] = [
  {
    title: "database restored to a moment",
    numbers: [],
    fault:
      "PostgreSQL loses its data under load and is restored from base backup and WAL to an earlier moment",
    expectation:
      "after `takings stream replay` nothing is missing, `takings verify` finds no difference, and responses as of times before that moment do not change",
    harness: async (workspace) => ({ ...archivingServer(workspace), consumers: 2 }),
    // The case itself sends, and stops so that the end of the replay can be waited for.
    quiet: true,
    async cycle(context) {
      const { harness, sender } = context;
      sender.start();
      const restored = await loseAndRestore(context);
      context.healed();
      await harness.takings("stream", "replay");
      await sender.settle(replayedWithinMs);
      await untilDrained(harness, replayedWithinMs);
      await checkRecordedTime(context, restored);
      await verify(context);
    },
  },
];

/** The same without the replay. */
export const restoreBrokenBuild: FaultCase = {
  title: "database restored without a replay",
  numbers: [],
  fault: "PostgreSQL is restored to an earlier moment, and the stream is not replayed",
  harness: async (workspace) => archivingServer(workspace),
  expectedViolation: "LOSS",
  recoversWithinMs: 10_000,
  async cycle(context) {
    await loseAndRestore(context);
  },
};
