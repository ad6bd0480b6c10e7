import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { WriteStream } from "node:tty";
import type { Env, Reaper } from "@takings/local";
import type { Case } from "./case.ts";
import { type History, openHistory } from "./history.ts";
import { type Peaks, watchPeaks } from "./memory.ts";
import { type Judged, judgeOutcome, outcomeLine, outcomeTable } from "./report.ts";
import { type Outcome, runCase } from "./run-case.ts";
import { type Rig, type RigOptions, startRig } from "./rig.ts";

export type DrillOptions = {
  readonly cases: readonly Case[];
  readonly dir: string;
  readonly env: Env;
  readonly reaper: Reaper;
  readonly seed: number;
  readonly cycles: number | undefined;
  readonly signal: AbortSignal;
  readonly out: WriteStream;
};

export type DrillResult = { readonly passed: number; readonly failed: number };

/** The installation that all cases share which need no other. */
const commonRig: RigOptions = { ingresses: 2, consumers: 3 };

type Setting = {
  readonly rig: Rig;
  readonly history: History;
  readonly peaks: Peaks;
  readonly checkedPayloads: Set<string>;
  close(): Promise<void>;
};

/** Runs cases one after the other, says how each went, and ends with a table. */
export async function runDrill(options: DrillOptions): Promise<DrillResult> {
  const judged: Judged[] = [];
  const say = (line: string): void => void options.out.write(`${line}\n`);
  let shared: Setting | undefined;
  for (const [index, one] of options.cases.entries()) {
    if (options.signal.aborted) break;
    const isOwn = one.rig !== undefined;
    let setting = shared;
    try {
      if (isOwn || setting === undefined)
        setting = await setUp(options, isOwn ? `case-${index}` : "common", one.rig);
      const outcome = await runOne(one, index, setting, options);
      judged.push({ one, outcome, faults: judgeOutcome(one, outcome) });
    } catch (error) {
      judged.push({ one, outcome: nothingDone(one), faults: [`could not be run: ${String(error)}`] });
    }
    const last = judged.at(-1);
    if (last !== undefined) say(outcomeLine(last));
    // What a failed case left behind must not be taken for the next one's fault.
    const isSpent = isOwn || last?.faults.length !== 0;
    if (isSpent) await setting?.close();
    if (!isOwn) shared = isSpent ? undefined : setting;
  }
  await shared?.close();
  say(`\n${outcomeTable(judged)}\n`);
  const failed = judged.filter(({ faults }) => faults.length > 0).length;
  return { passed: judged.length - failed, failed: failed + (options.signal.aborted ? 1 : 0) };
}

function runOne(one: Case, index: number, setting: Setting, options: DrillOptions): Promise<Outcome> {
  return runCase(one, {
    ...setting,
    signal: options.signal,
    seed: options.seed * 100 + index,
    cycles: one.mustViolate === undefined ? (options.cycles ?? one.cycles) : one.cycles,
    progress: (text) => void options.out.write(`  ${one.name}: ${text}\n`),
  });
}

function nothingDone({ name }: Case): Outcome {
  return { name, cycles: 0, accepted: 0, lost: 0, doubled: 0, recoveryMs: [], violations: [], elapsedMs: 0 };
}

async function setUp(options: DrillOptions, name: string, wanted: Case["rig"] = commonRig): Promise<Setting> {
  // A case that failed leaves its directory, and the next one that shares takes another.
  const dir = mkdtempSync(join(options.dir, `${name}-`));
  const { env, reaper } = options;
  const closing = new AsyncDisposableStack();
  try {
    const rigOptions = typeof wanted === "function" ? await wanted({ dir, closing }) : wanted;
    const rig = await startRig({ dir, env, reaper, closing }, rigOptions);
    const history = openHistory(join(dir, "history.ndjson"));
    closing.defer(history.close);
    const watch = watchPeaks(rig.services);
    closing.defer(watch.stop);
    return {
      rig,
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
