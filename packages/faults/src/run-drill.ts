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

/** A case by its place among those of the drill. */
type Numbered = readonly [index: number, one: Case];

/** Mostly a case waits, so some run beside each other; with more than two, two processors are too few. */
const atOnce = 2;

/**
 * Runs cases, says how each went, and ends with a table. Those that share an installation run one after the other, and
 * beside them those that need one of their own.
 */
export async function runDrill(options: DrillOptions): Promise<DrillResult> {
  const cases = [...options.cases.entries()];
  const judged: Judged[] = [];
  const sharing = cases.filter(([, one]) => one.rig === undefined);
  const alone = cases.filter(([, one]) => one.rig !== undefined).values();
  const inTurn = (turn: Iterable<Numbered>): Promise<void> => runInTurn(turn, options, judged);
  const beside = Array.from({ length: atOnce - 1 }, () => inTurn(alone));
  await Promise.all([inTurn(sharing).then(() => inTurn(alone)), ...beside]);
  const inOrder = options.cases.flatMap((one) => judged.find((each) => each.one === one) ?? []);
  options.out.write(`\n${outcomeTable(inOrder)}\n\n`);
  const failed = judged.filter(({ faults }) => faults.length > 0).length;
  return { passed: judged.length - failed, failed: failed + (options.signal.aborted ? 1 : 0) };
}

/** Runs cases one after the other, and adds what came of each. */
async function runInTurn(cases: Iterable<Numbered>, options: DrillOptions, judged: Judged[]): Promise<void> {
  let shared: Setting | undefined;
  for (const [index, one] of cases) {
    if (options.signal.aborted) break;
    const isOwn = one.rig !== undefined;
    let setting = shared;
    let outcome: Judged;
    try {
      if (isOwn || setting === undefined)
        setting = await setUp(options, isOwn ? `case-${index}` : "common", one.rig);
      const came = await runOne(one, index, setting, options);
      outcome = { one, outcome: came, faults: judgeOutcome(one, came) };
    } catch (error) {
      outcome = { one, outcome: nothingDone(one), faults: [`could not be run: ${String(error)}`] };
    }
    judged.push(outcome);
    options.out.write(`${outcomeLine(outcome)}\n`);
    // What a failed case left behind must not be taken for the next one's fault.
    const isSpent = isOwn || outcome.faults.length !== 0;
    if (isSpent) await setting?.close();
    if (!isOwn) shared = isSpent ? undefined : setting;
  }
  await shared?.close();
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
