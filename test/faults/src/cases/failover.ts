import { readFileSync } from "node:fs";
import { RevenueQueryError } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import type { CaseContext, FaultCase } from "../fault-case.ts";
import type { PairedServer, PostgresPair } from "../postgres-pair.ts";
import { compareResponses, readTotals, recordResponses } from "../recorded-responses.ts";
import { sleep, sleepRandomly } from "./steps.ts";

/** The two servers of a case. */
export function pairOf({ harness }: CaseContext): PostgresPair {
  const { pair } = harness.servers;
  if (pair === undefined) throw new Error("this case needs a standby: give its harness the option standby");
  return pair;
}

/** Ends the primary as a crash would; it is not restarted. */
export async function killPrimary(pair: PostgresPair): Promise<void> {
  const { process } = pair.primary();
  process.hold();
  await process.end("SIGKILL");
}

/** Sets by how much the clock of the database is off. */
async function shiftClock(server: PairedServer, seconds: number): Promise<void> {
  await server.sql(
    `create or replace function takings.clock() returns timestamptz language sql volatile
       return clock_timestamp() + interval '${seconds} seconds'`,
  );
}

/** The primary fails or is cut off, and the standby takes over. */
export const failoverCases: readonly FaultCase[] = [
  {
    title: "primary killed, standby promoted",
    numbers: [41],
    fault:
      "SIGKILL of the primary under load, promotion of the synchronous standby, whose clock is 3 s behind in every second cycle, and a new standby; recovery is measured from the promotion",
    expectation: "responses as of a time before the failover do not change",
    harness: { standby: "synchronous", consumers: 2 },
    cycles: 2,
    async cycle(context) {
      const pair = pairOf(context);
      await using recorder = recordResponses(context);
      await sleepRandomly(context, 300, 900);
      await killPrimary(pair);
      await pair.promote();
      context.healed();
      await shiftClock(pair.primary(), context.cycle % 2 === 0 ? -3 : 0);
      await pair.copyStandby();
      const responses = await recorder.stop();
      await compareResponses(context, responses);
    },
  },
  {
    title: "former primary goes on as a fork",
    numbers: [40],
    fault:
      "the standby is promoted while the primary is alive; a consumer and revenue-query stay connected to the former primary, which is then killed and comes back",
    expectation:
      "nothing is acknowledged by it, its as_of does not move, revenue-query responds 503 after a minute and after its restart",
    harness: { standby: "synchronous", consumers: 2 },
    async cycle(context) {
      const { harness } = context;
      const pair = pairOf(context);
      const [forked, following] = harness.consumers;
      if (forked === undefined || following === undefined) throw new Error("this case needs two consumers");
      await using recorder = recordResponses(context);
      await eventually("a response", async () => recorder.latest());
      following.process.hold();
      await following.process.end("SIGTERM");
      const fork = pair.primary();
      for (const { postgres } of [forked, harness.query]) postgres.target(fork.settings.port);
      await pair.promote();
      await requireStandby(pair.primary(), false);
      await expectNothingConfirmed(context, fork);
      following.process.release();
      await following.process.ready();
      await shiftClock(fork, 61);
      await expectRefusal(context, /a recording is in progress.*repair the standby/);
      await shiftClock(fork, 0);
      await fork.process.end("SIGKILL");
      await fork.process.ready();
      await expectRefusal(context, /no recording has been replicated/);
      for (const { postgres } of [forked, harness.query]) postgres.target(pair.settings.port);
      await requireStandby(pair.primary(), true);
      context.healed();
      await pair.copyStandby();
      await compareResponses(context, await recorder.stop());
    },
  },
];

/** Makes commits wait for the standby, or not. */
async function requireStandby(server: PairedServer, required: boolean): Promise<void> {
  await server.sql(`alter system set synchronous_standby_names = '${required ? "standby" : ""}'`);
  await server.sql("select pg_reload_conf()");
}

/** The fork's commits wait, so its consumer acknowledges nothing, and what it tells is as of the same time. */
async function expectNothingConfirmed(context: CaseContext, fork: PairedServer): Promise<void> {
  const { broker } = context.harness;
  await eventually("a commit of the fork that waits", async () => (await countWaiting(fork)) > 0);
  const before = { ...(await broker.durable()), ...(await readTotals(context)) };
  await sleep(2_000);
  const after = { ...(await broker.durable()), ...(await readTotals(context)) };
  if (after.ackFloor !== before.ackFloor)
    context.reportViolation("LOSS", "a consumer acknowledged what only the fork has");
  if (after.asOf !== before.asOf)
    context.reportViolation("ONCE", `as_of moved on a fork, from ${before.asOf} to ${after.asOf}`);
}

/** How many sessions wait for the standby. */
export async function countWaiting(server: PairedServer): Promise<number> {
  return (await server.sql("select from pg_stat_activity where wait_event = 'SyncRep'")).length;
}

/** Waits until revenue-query responds 503 and its log says why from now on. */
async function expectRefusal(context: CaseContext, reason: RegExp): Promise<void> {
  const { logFile } = context.harness.query.process;
  const { length: logged } = readFileSync(logFile, "utf8");
  await eventually(`revenue-query to respond 503 because of ${String(reason)}`, async () => {
    const outcome = await readTotals(context).catch((error: unknown) => error);
    if (!(outcome instanceof RevenueQueryError && outcome.status === 503))
      throw new Error(outcome instanceof Error ? outcome.message : JSON.stringify(outcome));
    return reason.test(readFileSync(logFile, "utf8").slice(logged));
  });
}
