import { performance } from "node:perf_hooks";
import { eventually } from "@takings/testkit";
import { createRandom, type Random } from "@takings/simulator";
import type { FaultCase } from "./fault-case.ts";
import type { History } from "./history.ts";
import { summarizeHistory, checkSpeed, checkStore, stuck, type Violation } from "./invariants.ts";
import { type Peaks, limitViolations } from "./resource-peaks.ts";
import type { Harness } from "./harness.ts";
import { createSender, type Sender } from "./sender.ts";
import { untilDrained } from "./until-drained.ts";

/** The result of a case. */
export type Outcome = {
  readonly cycles: number;
  /** Events that got a 2xx. */
  readonly accepted: number;
  readonly lost: number;
  readonly duplicated: number;
  /** From the end of the fault until an event sent after it was readable, one per cycle. */
  readonly recoveryMs: readonly number[];
  readonly violations: readonly Violation[];
  /** Why the fault could not be injected as intended; then the violations prove nothing. */
  readonly error: string | undefined;
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
  /** Ids whose bodies were compared before. */
  readonly checkedPayloads: Set<string>;
  readonly progress: (text: string) => void;
};

const answersWithinMs = 10_000;
const recoversWithinMs = 60_000;
const concurrency = 8;
/** Events follow so fast while a fault is injected, so that it finds some at each step. */
const restMs = 80;
/** They go on arriving while what failed recovers, but leave it some of the processors, on which several cases run. */
const recoveryRestMs = 240;
const cyclesPerCheck = 25;

type StoreCounts = { readonly lost: number; readonly duplicated: number };

/** A case in progress. */
type Run = RunOptions & {
  readonly faultCase: FaultCase;
  readonly sender: Sender;
  readonly random: Random;
  readonly recoversWithinMs: number;
  readonly violations: Violation[];
  readonly recoveryMs: number[];
};

/** Runs a case: traffic and faults, then recovery, draining and the checks. */
export async function runCase(faultCase: FaultCase, options: RunOptions): Promise<Outcome> {
  const { history, cycles, seed, harness } = options;
  const began = performance.now();
  history.write({ what: "note", text: `case ${faultCase.title}, seed ${seed}` });
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
    faultCase,
    sender,
    random: createRandom(seed),
    recoversWithinMs: faultCase.recoversWithinMs ?? recoversWithinMs,
    violations: [],
    recoveryMs: [],
  };
  let counts: StoreCounts & { readonly cycles: number } = { lost: 0, duplicated: 0, cycles: 0 };
  let failure: string | undefined;
  try {
    counts = await runCycles(run);
    if (options.signal.aborted) failure = `interrupted after ${counts.cycles} of ${cycles} cycles`;
  } catch (error) {
    failure = `the case failed: ${String(error)}`;
  } finally {
    await sender.close();
  }
  const summary = summarizeHistory(history.read());
  const limit = faultCase.answersWithinMs ?? answersWithinMs;
  if (limit !== "never") run.violations.push(...checkSpeed(summary, before.answered.length, limit));
  run.violations.push(...limitViolations(options.peaks));
  const accepted = summary.accepted.size - before.accepted.size;
  return {
    accepted,
    ...counts,
    recoveryMs: run.recoveryMs,
    violations: run.violations,
    error: failure,
    elapsedMs: performance.now() - began,
  };
}

/** Runs all cycles with a check every 25 and at the end; stops at the first violation. */
async function runCycles(run: Run): Promise<StoreCounts & { readonly cycles: number }> {
  const { faultCase, sender, cycles, violations, signal } = run;
  let counts: StoreCounts = { lost: 0, duplicated: 0 };
  let cycle = 0;
  for (; cycle < cycles && violations.length === 0 && !signal.aborted; cycle += 1) {
    if (cycle % cyclesPerCheck === 0 && faultCase.quiet !== true) sender.start();
    await runCycle(run, cycle);
    run.progress(`${cycle + 1} of ${cycles} cycles, ${sender.accepted()} accepted`);
    const isLast = cycle === cycles - 1 || violations.length > 0 || signal.aborted;
    if (isLast || (cycle + 1) % cyclesPerCheck === 0) counts = await drainAndCheck(run);
  }
  return { ...counts, cycles: cycle };
}

/** Injects the fault once and measures the recovery. */
async function runCycle(run: Run, cycle: number): Promise<void> {
  const { faultCase, harness, sender, history, random, violations } = run;
  let healedAt: number | undefined;
  sender.rest(restMs);
  await faultCase.cycle({
    harness,
    sender,
    history,
    random,
    cycle,
    reportViolation: (invariant, detail) => violations.push({ invariant, detail }),
    healed() {
      healedAt = performance.now();
      sender.rest(recoveryRestMs);
    },
  });
  sender.rest(recoveryRestMs);
  const recovered = await recover(harness, sender, healedAt ?? performance.now(), run.recoversWithinMs);
  if (typeof recovered === "number") run.recoveryMs.push(recovered);
  else violations.push(recovered);
}

/** Waits until everything is processed and compares what is stored with what was sent. */
async function drainAndCheck({
  harness,
  sender,
  history,
  checkedPayloads,
  recoversWithinMs: withinMs,
  violations,
}: Run): Promise<StoreCounts> {
  violations.push(...stuck(await sender.settle(withinMs)));
  await untilDrained(harness, withinMs).catch((error: unknown) =>
    violations.push({ invariant: "LIVE", detail: String(error) }),
  );
  const counts = await checkStore(summarizeHistory(history.read()), harness.reader, checkedPayloads);
  violations.push(...counts.violations);
  return { lost: counts.lost, duplicated: counts.duplicated };
}

/** Sends an event after the fault and waits until it is readable. */
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
