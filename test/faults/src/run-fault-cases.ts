import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { WriteStream } from "node:tty";
import type { Env, Reaper } from "@takings/local";
import type { FaultCase } from "./fault-case.ts";
import { type History, openHistory } from "./history.ts";
import { type Peaks, watchPeaks } from "./resource-peaks.ts";
import { type CaseResult, failuresOf, outcomeLine, outcomeTable } from "./report.ts";
import { type Outcome, runCase } from "./run-case.ts";
import { type Harness, type HarnessOptions, startHarness } from "./harness.ts";

export type FaultRunOptions = {
  readonly cases: readonly FaultCase[];
  readonly dir: string;
  readonly env: Env;
  readonly reaper: Reaper;
  readonly seed: number;
  readonly cycles: number | undefined;
  readonly signal: AbortSignal;
  readonly out: WriteStream;
};

export type FaultRunResult = { readonly passed: number; readonly failed: number };

/** The installation of all cases that do not need another. */
const sharedHarness: HarnessOptions = { ingresses: 2, consumers: 3 };

type Installation = {
  readonly harness: Harness;
  readonly history: History;
  readonly peaks: Peaks;
  readonly checkedPayloads: Set<string>;
  close(): Promise<void>;
};

/** Runs cases one after the other, reports each, and ends with a table. */
export async function runFaultCases(options: FaultRunOptions): Promise<FaultRunResult> {
  const results: CaseResult[] = [];
  const say = (line: string): void => void options.out.write(`${line}\n`);
  let shared: Installation | undefined;
  for (const [index, faultCase] of options.cases.entries()) {
    if (options.signal.aborted) break;
    const isOwn = faultCase.harness !== undefined;
    let installation = shared;
    try {
      if (isOwn || installation === undefined)
        installation = await setUp(options, isOwn ? `case-${index}` : "shared", faultCase.harness);
      const outcome = await runOne(faultCase, index, installation, options);
      results.push({ faultCase, outcome, failures: failuresOf(faultCase, outcome) });
    } catch (error) {
      results.push({ faultCase, outcome: emptyOutcome(), failures: [`could not be run: ${String(error)}`] });
    }
    const last = results.at(-1);
    if (last !== undefined) say(outcomeLine(last));
    // The next case must not fail because of what a failed one left behind.
    const isSpent = isOwn || last?.failures.length !== 0;
    if (isSpent) await installation?.close();
    if (!isOwn) shared = isSpent ? undefined : installation;
  }
  await shared?.close();
  say(`\n${outcomeTable(results)}\n`);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  return { passed: results.length - failed, failed: failed + (options.signal.aborted ? 1 : 0) };
}

function runOne(
  faultCase: FaultCase,
  index: number,
  installation: Installation,
  options: FaultRunOptions,
): Promise<Outcome> {
  const { cycles = 1, expectedViolation } = faultCase;
  return runCase(faultCase, {
    ...installation,
    signal: options.signal,
    seed: options.seed * 100 + index,
    cycles: expectedViolation === undefined ? (options.cycles ?? cycles) : cycles,
    progress: (text) => void options.out.write(`  ${faultCase.title}: ${text}\n`),
  });
}

function emptyOutcome(): Outcome {
  return { cycles: 0, accepted: 0, lost: 0, duplicated: 0, recoveryMs: [], violations: [], elapsedMs: 0 };
}

async function setUp(
  options: FaultRunOptions,
  name: string,
  wanted: FaultCase["harness"] = sharedHarness,
): Promise<Installation> {
  // A failed case leaves its directory behind; the next shared installation gets another one.
  const dir = mkdtempSync(join(options.dir, `${name}-`));
  const { env, reaper } = options;
  const closing = new AsyncDisposableStack();
  try {
    const harnessOptions = typeof wanted === "function" ? await wanted({ dir, closing }) : wanted;
    const harness = await startHarness({ dir, env, reaper, closing }, harnessOptions);
    const history = openHistory(join(dir, "history.ndjson"));
    closing.defer(history.close);
    const watch = watchPeaks(harness.services);
    closing.defer(watch.stop);
    return {
      harness,
      history,
      peaks: watch.peaks,
      checkedPayloads: new Set(),
      close: () => closing.disposeAsync(),
    };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}
