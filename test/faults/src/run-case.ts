import { performance } from "node:perf_hooks";
import { eventually } from "@takings/local";
import { createRandom, type Random } from "@takings/simulator";
import type { FaultCase } from "./fault-case.ts";
import type { History } from "./history.ts";
import { summarizeHistory, checkSpeed, checkStore, stuck, type Violation } from "./invariants.ts";
import { type Peaks, limitViolations } from "./resource-peaks.ts";
import type { Harness } from "./harness.ts";
import { createSender, type Sender } from "./sender.ts";
import { untilDrained } from "./until-drained.ts";

/** What came of a case. */
export type Outcome = {
  readonly name: string;
  readonly cycles: number;
  /** Events that got a 2xx. */
  readonly accepted: number;
  readonly lost: number;
  readonly doubled: number;
  /** From the end of the fault until an event sent after it could be read, one per cycle. */
  readonly recoveryMs: readonly number[];
  readonly violations: readonly Violation[];
  readonly elapsedMs: number;
};

export type RunOptions = {
  readonly harness: Harness;
  readonly history: History;
  readonly peaks: Peaks;
  readonly seed: number;
  readonly cycles: number;
  /** Ends the case after the cycle in progress. */
  readonly signal: AbortSignal;
  /** Bodies that were compared already. */
  readonly checkedPayloads: Set<string>;
  readonly progress: (text: string) => void;
};

const answersWithinMs = 10_000;
const recoversWithinMs = 60_000;
const concurrency = 8;
const restMs = 80;
const cyclesPerCheck = 25;

type StoreCounts = { readonly lost: number; readonly doubled: number };

/** What gathers while a case runs. */
type Run = RunOptions & {
  readonly one: FaultCase;
  readonly sender: Sender;
  readonly random: Random;
  readonly patienceMs: number;
  readonly violations: Violation[];
  readonly recoveryMs: number[];
};

/** Runs a case: traffic, faults, healing, quiet, and then the counts. */
export async function runCase(one: FaultCase, options: RunOptions): Promise<Outcome> {
  const { history, cycles, seed, harness } = options;
  const began = performance.now();
  history.write({ what: "note", text: `case ${one.name}, seed ${seed}` });
  const before = summarizeHistory(history.read());
  const sender = createSender({
    history,
    urls: harness.urls,
    secret: harness.secret,
    seed,
    random: createRandom(seed + 1),
    concurrency,
    restMs,
  });
  const run: Run = {
    ...options,
    one,
    sender,
    random: createRandom(seed),
    patienceMs: one.recoversWithinMs ?? recoversWithinMs,
    violations: [],
    recoveryMs: [],
  };
  let counts: StoreCounts = { lost: 0, doubled: 0 };
  try {
    counts = await runCycles(run);
  } catch (error) {
    run.violations.push({ invariant: "LIVE", detail: `the case itself failed: ${String(error)}` });
  } finally {
    await sender.close();
  }
  const summary = summarizeHistory(history.read());
  const limit = one.answersWithinMs ?? answersWithinMs;
  if (limit !== "never") run.violations.push(...checkSpeed(summary, before.answered.length, limit));
  run.violations.push(...limitViolations(options.peaks));
  const accepted = summary.accepted.size - before.accepted.size;
  return {
    name: one.name,
    cycles,
    accepted,
    ...counts,
    recoveryMs: run.recoveryMs,
    violations: run.violations,
    elapsedMs: performance.now() - began,
  };
}

/** All cycles, with a look into the counts now and then and at the end; the first violation is the end. */
async function runCycles(run: Run): Promise<StoreCounts> {
  const { one, sender, cycles, violations, signal } = run;
  let counts: StoreCounts = { lost: 0, doubled: 0 };
  for (let cycle = 0; cycle < cycles && violations.length === 0 && !signal.aborted; cycle += 1) {
    if (cycle % cyclesPerCheck === 0 && one.quiet !== true) sender.start();
    await runCycle(run, cycle);
    run.progress(`${cycle + 1} of ${cycles} cycles, ${sender.accepted()} accepted`);
    const isLast = cycle === cycles - 1 || violations.length > 0 || signal.aborted;
    if (isLast || (cycle + 1) % cyclesPerCheck === 0) counts = await drainAndCheck(run);
  }
  return counts;
}

/** One fault, and the way back from it. */
async function runCycle(run: Run, cycle: number): Promise<void> {
  const { one, harness, sender, history, random, violations } = run;
  let healedAt: number | undefined;
  await one.cycle({
    harness,
    sender,
    history,
    random,
    cycle,
    reportViolation: (invariant, detail) => violations.push({ invariant, detail }),
    healed: () => void (healedAt = performance.now()),
  });
  const recovered = await recover(harness, sender, healedAt ?? performance.now(), run.patienceMs);
  if (typeof recovered === "number") run.recoveryMs.push(recovered);
  else violations.push(recovered);
}

/** Lets everything come to rest and holds what there is against what was sent. */
async function drainAndCheck({
  harness,
  sender,
  history,
  checkedPayloads,
  patienceMs,
  violations,
}: Run): Promise<StoreCounts> {
  violations.push(...stuck(await sender.settle(patienceMs)));
  await untilDrained(harness, patienceMs).catch((error: unknown) =>
    violations.push({ invariant: "LIVE", detail: String(error) }),
  );
  const counts = await checkStore(summarizeHistory(history.read()), harness.reader, checkedPayloads);
  violations.push(...counts.violations);
  return { lost: counts.lost, doubled: counts.doubled };
}

/** Sends an event after the fault and waits until it can be read. */
async function recover(
  harness: Harness,
  sender: Sender,
  since: number,
  withinMs: number,
): Promise<number | Violation> {
  try {
    const { id } = await sender.deliverOne(withinMs);
    await eventually(`${id} to be readable`, () => harness.reader.event(id), withinMs);
    return performance.now() - since;
  } catch (error) {
    return { invariant: "LIVE", detail: `not recovered: ${String(error)}` };
  }
}
