import { eventually } from "@takings/testkit";
import type { CaseContext, FaultCase } from "../fault-case.ts";
import { archivingServer, takeBaseBackup } from "../postgres-backup.ts";
import { sleepRandomly, verify } from "./steps.ts";

/** A response as of a recorded time. */
type Response = { readonly asOf: string; readonly totals: string };

async function readRevenue({ harness }: CaseContext, asOf?: string): Promise<Response> {
  const pinned = asOf === undefined ? {} : { as_recorded_at: asOf };
  const { as_of, totals } = await harness.reader.revenue({ account: "*", ...pinned });
  return { asOf: as_of, totals: JSON.stringify(totals) };
}

/** Some responses under traffic. */
async function readRepeatedly(context: CaseContext): Promise<Response[]> {
  const responses: Response[] = [];
  for (const _ of [1, 2, 3, 4]) {
    responses.push(await readRevenue(context));
    await sleepRandomly(context, 100, 400);
  }
  return responses;
}

/** Loses the database under traffic and restores it as it was some seconds before. */
async function restoreDatabase(context: CaseContext): Promise<{ before: Response[]; after: Response[] }> {
  const { servers, sql } = context.harness;
  const backup = await takeBaseBackup(servers);
  const before = await readRepeatedly(context);
  const [row] = await sql("select clock_timestamp()::text as moment");
  const after = await readRepeatedly(context);
  await backup.archive();
  // What is committed now is not archived.
  after.push(...(await readRepeatedly(context)));
  await backup.restoreTo(String(row?.["moment"]));
  return { before, after };
}

/** The database is restored from a base backup and archived WAL to a moment; the stream has the rest. */
export const restoreCases: readonly FaultCase[] = [
  {
    title: "database restored to a moment",
    numbers: [],
    fault: "PostgreSQL loses its data and is restored from base backup and WAL to a moment under load",
    expectation:
      "after `takings stream replay` everything is stored, pinned responses of before that moment do not change, recorded time does not go back, and `takings verify` finds no difference",
    harness: async (workspace) => ({ ...archivingServer(workspace), consumers: 2 }),
    async cycle(context) {
      const { harness, reportViolation } = context;
      const { before, after } = await restoreDatabase(context);
      context.healed();
      await harness.takings("stream", "replay");
      const latest = after.at(-1)?.asOf ?? "";
      await eventually("recorded time to continue", async () => (await readRevenue(context)).asOf > latest);
      for (const { asOf, totals } of before) {
        const again = await readRevenue(context, asOf);
        if (again.totals !== totals)
          reportViolation("ONCE", `as of ${asOf}: first ${totals}, then ${again.totals}`);
      }
      for (const { asOf, totals } of after) {
        const again = await readRevenue(context, asOf);
        console.log(asOf, again.totals === totals);
      }
      await verify(context);
    },
  },
];

/** The same when the operator forgets to replay the stream. */
export const restoreBrokenBuild: FaultCase = {
  title: "database restored without a replay",
  numbers: [],
  fault: "PostgreSQL is restored to a moment, and the stream is not replayed",
  harness: async (workspace) => archivingServer(workspace),
  expectedViolation: "LOSS",
  recoversWithinMs: 10_000,
  async cycle(context) {
    await restoreDatabase(context);
  },
};
