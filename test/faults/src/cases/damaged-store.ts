import { closeSync, globSync, openSync, readSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import type { CaseContext, FaultCase } from "../fault-case.ts";
import type { NatsServer } from "../nats-cluster.ts";
import { untilDrained } from "../until-drained.ts";
import { leaderOf, moveLeader, onCluster, storedOn } from "./nats-cluster-steps.ts";
import { deliver, inParallel } from "./steps.ts";

type Damage = "flipped" | "truncated";

const events = 60;
const withinMs = 120_000;

/**
 * nats-server 2.15.1 does not fetch from the other replicas what a damaged file has lost, and its durable skips those
 * events without a log line (https://github.com/nats-io/nats-server/issues/7549). The other replicas keep them.
 */
export const damagedStoreCases: readonly FaultCase[] = [
  damagedWhileWaiting("flipped", "one bit is flipped"),
  damagedWhileWaiting("truncated", "the second half of the waiting events is cut off"),
  {
    title: "stream file truncated, events consumed",
    numbers: [24],
    fault:
      "the newest stream file of a follower, in the second cycle of the leader, is cut in half while the server is down; then it leads stream and durable",
    expectation: "nothing is missing, and `takings purge` agrees",
    harness: onCluster,
    quiet: true,
    cycles: 2,
    onRequest: true,
    async cycle(context) {
      const { harness } = context;
      const victim = await victimOf(context);
      await deliverSome(context);
      await untilDrained(harness, withinMs);
      await damageWhileDown(victim, "truncated", 0);
      await deliverSome(context);
      await lead(context, victim);
      await deliverSome(context);
      await untilDrained(harness, withinMs);
      await harness.takings("purge", "--dry-run");
      await replaceStore(context, victim);
    },
  },
];

/** Events that wait are skipped once the server leads; the steps of the runbook bring them back. */
function damagedWhileWaiting(damage: Damage, what: string): FaultCase {
  return {
    title: `stream file ${damage}, events waiting`,
    numbers: [24],
    fault: `in the newest stream file of a follower, in the second cycle of the leader, ${what} while consumers and the server are down; then it leads stream and durable`,
    expectation:
      "without the damaged store, `takings purge` reports what was skipped, and a replay brings it back",
    harness: onCluster,
    cycles: 2,
    onRequest: true,
    async cycle(context) {
      const { harness, sender, history } = context;
      const victim = await victimOf(context);
      for (const { process } of harness.consumers) process.hold();
      await Promise.all(harness.consumers.map(({ process }) => process.end("SIGTERM")));
      const from = newestFile(victim).size;
      const before = sender.accepted();
      const hasTraffic = async (): Promise<boolean> => sender.accepted() >= before + events;
      await eventually(`${events} events to wait`, hasTraffic, withinMs);
      await damageWhileDown(victim, damage, from);
      await lead(context, victim);
      const last = await lastSequence(context);
      for (const { process } of harness.consumers) process.release();
      const isPast = async (): Promise<boolean> => (await harness.broker.durable()).ackFloor >= last;
      await eventually("the events to be acknowledged or skipped", isPast, withinMs);
      // While the damaged server leads the stream, what it lost looks deleted.
      await replaceStore(context, victim);
      const report = await eventually(
        "takings purge to report skipped events",
        () => missing(context),
        withinMs,
      );
      history.write({ what: "note", text: report });
      await harness.takings("stream", "replay");
      context.healed();
      const isWhole = async (): Promise<boolean> => (await missing(context)) === undefined;
      await eventually("takings purge to report nothing", isWhole, withinMs);
    },
  };
}

async function victimOf(context: CaseContext): Promise<NatsServer> {
  const { leader, followers } = await leaderOf(context);
  const victim = context.cycle % 2 === 0 ? followers[0] : leader;
  if (victim === undefined) throw new Error("no follower");
  return victim;
}

function deliverSome(context: CaseContext): Promise<void> {
  const some = Array.from({ length: events }, context.sender.next);
  return inParallel(8, some, (event) => deliver(context, event));
}

async function lead(context: CaseContext, server: NatsServer): Promise<void> {
  await moveLeader(context, server);
  await moveLeader(context, server, "durable");
}

async function lastSequence({ harness }: CaseContext): Promise<number> {
  const { state } = await harness.broker.api(`STREAM.INFO.${stream.name}`);
  return (state as { last_seq: number }).last_seq;
}

/** What `takings purge` says about events that were acknowledged and never committed. */
async function missing({ harness }: CaseContext): Promise<string | undefined> {
  return harness.takings("purge", "--dry-run").then(
    () => undefined,
    (error: unknown) => {
      const text = String(error);
      if (text.includes("is acknowledged but not committed")) return text;
      throw error;
    },
  );
}

/** Stops a server, damages its newest stream file in the middle of what follows a position, and starts it. */
async function damageWhileDown(server: NatsServer, damage: Damage, from: number): Promise<void> {
  const { process } = server;
  process.hold();
  await process.end("SIGTERM");
  const { path, size } = newestFile(server);
  const start = from < size ? from : 0;
  const middle = start + Math.floor((size - start) / 2);
  if (damage === "truncated") truncateSync(path, middle);
  else flipBit(path, middle);
  process.release();
  await process.ready();
}

function newestFile({ storeDir }: Pick<NatsServer, "storeDir">): {
  readonly path: string;
  readonly size: number;
} {
  const paths = globSync(join(storeDir, "jetstream", "*", "streams", stream.name, "msgs", "*.blk"));
  const numbered = paths.map((path) => ({ path, number: Number(/(\d+)\.blk$/.exec(path)?.[1]) }));
  const path = numbered.toSorted((one, other) => other.number - one.number)[0]?.path;
  if (path === undefined) throw new Error(`no stream file below ${storeDir}`);
  return { path, size: statSync(path).size };
}

function flipBit(path: string, position: number): void {
  const file = openSync(path, "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, position);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(file, byte, 0, 1, position);
  closeSync(file);
}

/** The server fetches everything from the others, one of which leads meanwhile. */
async function replaceStore(context: CaseContext, server: NatsServer): Promise<void> {
  const { process, storeDir } = server;
  process.hold();
  await process.end("SIGTERM");
  rmSync(storeDir, { recursive: true });
  process.release();
  await process.ready();
  const isWhole = async (): Promise<boolean> => {
    const { leader } = await leaderOf(context);
    if (leader === server) return false;
    const [own, others] = await Promise.all([storedOn(server), storedOn(leader)]);
    return own.deleted === 0 && own.messages > 0 && others.messages - own.messages < 20;
  };
  await eventually(`${server.name} to catch up`, isWhole, withinMs);
}
