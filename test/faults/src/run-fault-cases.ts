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

/** A case and its place in the report. */
type NumberedCase = { readonly index: number; readonly faultCase: FaultCase };

/**
 * Runs the cases that share an installation one after the other, and beside them, one after the other, those with an
 * installation of their own. Reports each, and ends with a table.
 */
export async function runFaultCases(options: FaultRunOptions): Promise<FaultRunResult> {
  const numbered = options.cases.map((faultCase, index) => ({ index, faultCase }));
  const isOwn = ({ faultCase }: NumberedCase): boolean => faultCase.harness !== undefined;
  const lanes = await Promise.all([
    runSharing(
      numbered.filter((one) => !isOwn(one)),
      options,
    ),
    runAlone(numbered.filter(isOwn), options),
  ]);
  const order = new Map(options.cases.map((faultCase, index) => [faultCase, index]));
  const place = ({ faultCase }: CaseResult): number => order.get(faultCase) ?? 0;
  const results = lanes.flat().toSorted((one, other) => place(one) - place(other));
  options.out.write(`\n${outcomeTable(results)}\n\n`);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  return { passed: results.length - failed, failed: failed + (options.signal.aborted ? 1 : 0) };
}

/** Runs cases on one installation, which is replaced after a failure. */
async function runSharing(cases: readonly NumberedCase[], options: FaultRunOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  let installation: Installation | undefined;
  for (const one of cases) {
    if (options.signal.aborted) break;
    const result = await attempt(one, options, async () => {
      installation ??= await setUp(options, "shared");
      return runOne(one, installation, options);
    });
    results.push(result);
    if (result.failures.length === 0) continue;
    // The next case must not fail because of what a failed one left behind.
    await installation?.close();
    installation = undefined;
  }
  await installation?.close();
  return results;
}

/** Runs cases, each on an installation of its own. */
async function runAlone(cases: readonly NumberedCase[], options: FaultRunOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const one of cases) {
    if (options.signal.aborted) break;
    const { index, faultCase } = one;
    const result = await attempt(one, options, async () => {
      const installation = await setUp(options, `case-${index}`, faultCase.harness);
      try {
        return await runOne(one, installation, options);
      } finally {
        await installation.close();
      }
    });
    results.push(result);
  }
  return results;
}

/** The result of a run, also when it could not be made. */
async function attempt(
  { faultCase }: NumberedCase,
  { out }: FaultRunOptions,
  run: () => Promise<Outcome>,
): Promise<CaseResult> {
  const result = await run().then(
    (outcome) => ({ faultCase, outcome, failures: failuresOf(faultCase, outcome) }),
    (error: unknown) => ({
      faultCase,
      outcome: emptyOutcome(),
      failures: [`could not be run: ${String(error)}`],
    }),
  );
  out.write(`${outcomeLine(result)}\n`);
  return result;
}

function runOne(
  { faultCase, index }: NumberedCase,
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
