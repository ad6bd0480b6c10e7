import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { WriteStream } from "node:tty";
import type { Env, Reaper } from "@takings/local";
import { allCases } from "./cases/index.ts";
import type { FaultCase } from "./fault-case.ts";
import { type History, openHistory } from "./history.ts";
import { type Peaks, watchPeaks } from "./resource-peaks.ts";
import { makePostgresTemplate, type PostgresTemplate } from "./postgres-template.ts";
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

/** A run in progress. */
type FaultRun = FaultRunOptions & { readonly template: PostgresTemplate };

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
type NumberedResult = CaseResult & { readonly index: number };

/** Beside the lane of the shared installation. With two, cases with a time limit for recovery fail on two processors. */
const lanesOfOwnInstallations = 1;

/** Runs the cases that must run alone, and then the others in lanes. Reports each, and ends with a table. */
export async function runFaultCases(options: FaultRunOptions): Promise<FaultRunResult> {
  const run = { ...options, template: await makePostgresTemplate(options) };
  const numbered = options.cases.map((faultCase) => ({ index: allCases.indexOf(faultCase), faultCase }));
  const { alone = [], beside = [] } = Object.groupBy(numbered, ({ faultCase }) =>
    faultCase.alone === true ? "alone" : "beside",
  );
  const results = [
    ...(await runSharing(alone.filter(isSharing), run)),
    ...(await runOwn(alone.filter(isOwn).values(), run)),
    ...(await runInLanes(beside, run)),
  ].toSorted((one, other) => one.index - other.index);
  options.out.write(`\n${outcomeTable(results)}\n\n`);
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  return { passed: results.length - failed, failed: failed + (options.signal.aborted ? 1 : 0) };
}

const isOwn = ({ faultCase }: NumberedCase): boolean => faultCase.harness !== undefined;
const isSharing = (one: NumberedCase): boolean => !isOwn(one);

/**
 * The cases that share an installation one after the other, and beside them those with an installation of their own. The lane
 * that is done first helps the others.
 */
async function runInLanes(cases: readonly NumberedCase[], run: FaultRun): Promise<NumberedResult[]> {
  const queue = cases.filter(isOwn).values();
  const sharingFirst = async (): Promise<NumberedResult[]> => [
    ...(await runSharing(cases.filter(isSharing), run)),
    ...(await runOwn(queue, run)),
  ];
  const beside = Array.from({ length: lanesOfOwnInstallations }, () => runOwn(queue, run));
  return (await Promise.all([sharingFirst(), ...beside])).flat();
}

/** Runs cases on one installation, which is replaced after a failure. */
async function runSharing(cases: readonly NumberedCase[], options: FaultRun): Promise<NumberedResult[]> {
  const results: NumberedResult[] = [];
  let installation: Installation | undefined;
  const close = async (): Promise<void> => {
    const closed = installation;
    installation = undefined;
    await closed?.close();
  };
  for (const one of cases) {
    if (options.signal.aborted) break;
    const isLast = one === cases.at(-1);
    const result = await attempt(one, options, async () => {
      installation ??= await setUp(options, "shared");
      const outcome = await runOne(one, installation, options);
      if (isLast) await close();
      return outcome;
    });
    results.push(result);
    // The next case must not fail because of what a failed one left behind.
    if (result.failures.length > 0) await close().catch(() => {});
  }
  await close().catch(() => {});
  return results;
}

/** Runs cases, each on an installation of its own. */
async function runOwn(cases: Iterable<NumberedCase>, options: FaultRun): Promise<NumberedResult[]> {
  const results: NumberedResult[] = [];
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
  { faultCase, index }: NumberedCase,
  { out }: FaultRunOptions,
  run: () => Promise<Outcome>,
): Promise<NumberedResult> {
  const result = await run().then(
    (outcome) => ({ index, faultCase, outcome, failures: failuresOf(faultCase, outcome) }),
    (error: unknown) => ({
      index,
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
  options: FaultRun,
): Promise<Outcome> {
  const { cycles = 1, expectedViolation } = faultCase;
  return runCase(faultCase, {
    ...installation,
    signal: options.signal,
    seed: options.seed * 1_000 + index,
    cycles: expectedViolation === undefined ? (options.cycles ?? cycles) : cycles,
    progress: (text) => void options.out.write(`  ${faultCase.title}: ${text}\n`),
  });
}

function emptyOutcome(): Outcome {
  return {
    cycles: 0,
    accepted: 0,
    lost: 0,
    duplicated: 0,
    recoveryMs: [],
    violations: [],
    error: undefined,
    elapsedMs: 0,
  };
}

async function setUp(
  options: FaultRun,
  name: string,
  wanted: FaultCase["harness"] = sharedHarness,
): Promise<Installation> {
  // A failed case leaves its directory behind; the next shared installation gets another one.
  const dir = mkdtempSync(join(options.dir, `${name}-`));
  const { env, reaper, template } = options;
  const closing = new AsyncDisposableStack();
  try {
    const harnessOptions = typeof wanted === "function" ? await wanted({ dir, closing }) : wanted;
    const harness = await startHarness({ dir, env, reaper, template, closing }, harnessOptions);
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
