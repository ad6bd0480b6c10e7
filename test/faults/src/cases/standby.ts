import { readFileSync } from "node:fs";
import { signalProcess, startOf } from "@takings/local";
import { RevenueQueryError } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import type { CaseContext, FaultCase } from "../fault-case.ts";
import type { PairedServer } from "../postgres-pair.ts";
import { compareResponses, recordResponses } from "../recorded-responses.ts";
import { countWaiting, pairOf } from "./failover.ts";
import { deliver, sleep } from "./steps.ts";

const awayMs = 5_000;
/** More than the minute after which the safe read time is too old, and than two timeouts of a batch. */
const longAwayMs = 75_000;
/** A batch per consumer, and the recorded time, which one of them advances. Their pools have three connections each. */
const maxWaiting = 3;

/** The standby is away, or services reach a server that is read-only. */
export const standbyCases: readonly FaultCase[] = [
  {
    title: "standby stopped or frozen",
    numbers: [39],
    fault: "the synchronous standby is stopped, or its WAL receiver frozen, for 5 s under load",
    expectation: "ingress goes on, nothing is acknowledged, at most one session waits per batch in progress",
    harness: { standby: "synchronous", consumers: 2 },
    onRequest: true,
    cycles: 2,
    cycle: (context) => keepStandbyAway(context, awayMs),
  },
  {
    title: "standby away for more than a minute",
    numbers: [39],
    fault: "the same for 75 s",
    expectation:
      "revenue-query responds 503 after a minute, no event is called stuck, the number of waiting sessions stays bounded",
    harness: { standby: "synchronous", consumers: 2 },
    onRequest: true,
    cycle: (context) => keepStandbyAway(context, longAwayMs),
  },
  {
    title: "services connected to a standby or a read-only server",
    numbers: [36],
    fault:
      "connections are reset and lead to the standby for 3 s; then a planned switchover; then the primary is read-only for 3 s",
    expectation: "no process ends; revenue-query responds 503 on the standby",
    harness: { standby: "synchronous", consumers: 2 },
    onRequest: true,
    cycle: loseWriteAccess,
  },
];

async function keepStandbyAway(context: CaseContext, forMs: number): Promise<void> {
  const { harness, history, cycle } = context;
  const pair = pairOf(context);
  await using recorder = recordResponses(context);
  await sleep(500);
  const back = await takeAway(pair.standby(), cycle % 2 === 0);
  const until = performance.now() + forMs;
  // What was committed before is still being acknowledged.
  await sleep(1_000);
  const { ackFloor } = await harness.broker.durable();
  let waiting = 0;
  while (performance.now() < until) {
    await deliver(context, context.sender.next(), 5_000);
    waiting = Math.max(waiting, await countWaiting(pair.primary()));
    await sleep(500);
  }
  const after = await harness.broker.durable();
  if (after.ackFloor !== ackFloor)
    context.reportViolation("LOSS", "events were acknowledged while no standby could have them");
  history.write({ what: "note", text: `at most ${waiting} sessions waited for the standby` });
  if (waiting === 0) throw new Error("no session waited for the standby: the fault was not injected");
  if (waiting > maxWaiting)
    context.reportViolation("BOUND", `${waiting} sessions waited for the standby, more than ${maxWaiting}`);
  if (forMs > 65_000) await expectUnavailable(context, "after a minute without a standby");
  for (const { process } of harness.consumers)
    if (readFileSync(process.logFile, "utf8").includes("event_stuck"))
      context.reportViolation("LIVE", "a consumer blamed an event for the absence of the standby");
  await back();
  context.healed();
  await pair.untilReplicating();
  await compareResponses(context, await recorder.stop());
}

async function expectUnavailable({ harness, reportViolation }: CaseContext, when: string): Promise<void> {
  const outcome: unknown = await harness.reader.revenue({}).catch((error: unknown) => error);
  if (outcome instanceof RevenueQueryError && outcome.status === 503) return;
  reportViolation("LIVE", `revenue-query must respond 503 ${when}, not ${JSON.stringify(outcome)}`);
}

/** Stops or freezes a standby; resolves with what brings it back. */
async function takeAway({ process, sql }: PairedServer, frozen: boolean): Promise<() => Promise<void>> {
  if (!frozen) {
    process.hold();
    await process.end("SIGINT");
    return async () => {
      process.release();
      await process.ready();
    };
  }
  const [receiver] = await sql("select pid from pg_stat_wal_receiver");
  const pid = Number(receiver?.["pid"]);
  const started = startOf(pid);
  if (started === undefined) throw new Error("the standby has no WAL receiver");
  signalProcess({ pid, started }, "SIGSTOP");
  return async () => signalProcess({ pid, started }, "SIGCONT");
}

async function loseWriteAccess(context: CaseContext): Promise<void> {
  const { consumers, query } = context.harness;
  const pair = pairOf(context);
  const users = [...consumers, query];
  const starts = (): number => users.reduce((sum, { process }) => sum + process.starts(), 0);
  const before = starts();
  await using recorder = recordResponses(context);
  const connectTo = (port: number): void => {
    for (const { postgres } of users) {
      postgres.target(port);
      postgres.cut();
    }
  };
  await sleep(500);
  connectTo(pair.standby().settings.port);
  await sleep(3_000);
  await expectUnavailable(context, "on a standby");
  const former = pair.primary().process;
  former.hold();
  await former.end("SIGINT");
  await pair.promote();
  await pair.copyStandby();
  const stored = await countEvents(pair.primary());
  connectTo(pair.settings.port);
  const isWriting = async (): Promise<boolean> => (await countEvents(pair.primary())) !== stored;
  await eventually("events to be stored", isWriting, 30_000);
  await setReadOnly(pair.primary(), true);
  // A batch that began before may still commit.
  await sleep(1_000);
  const written = await countEvents(pair.primary());
  await sleep(2_000);
  if ((await countEvents(pair.primary())) !== written)
    throw new Error("events were stored while the primary was read-only: the fault was not injected");
  await setReadOnly(pair.primary(), false);
  context.healed();
  await compareResponses(context, await recorder.stop());
  if (starts() !== before) context.reportViolation("LIVE", "a process ended because it could not write");
}

async function setReadOnly({ sql }: PairedServer, readOnly: boolean): Promise<void> {
  await sql(`alter system set default_transaction_read_only = ${readOnly ? "on" : "off"}`);
  await sql("select pg_reload_conf()");
}

async function countEvents({ sql }: PairedServer): Promise<unknown> {
  const [row] = await sql("select count(*) as count from takings.events");
  return row?.["count"];
}
