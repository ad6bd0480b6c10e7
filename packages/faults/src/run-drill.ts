import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { WriteStream } from "node:tty";
import type { Env, Reaper } from "@takings/local";
import type { Case, Place } from "./case.ts";
import { openHistory } from "./history.ts";
import { type PeakWatch, watchPeaks } from "./memory.ts";
import { judgeOutcome, outcomeLine, outcomeTable } from "./report.ts";
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

/** Runs cases one after the other, says how each went, and ends with a table. */
export async function runDrill(options: DrillOptions): Promise<DrillResult> {
  const outcomes: { readonly one: Case; readonly outcome: Outcome; readonly faults: readonly string[] }[] =
    [];
  const say = (line: string): void => void options.out.write(`${line}\n`);
  let shared: Setting | undefined;
  for (const [index, one] of options.cases.entries()) {
    if (options.signal.aborted) break;
    const own = one.rig !== undefined;
    const setting = own
      ? await setUp(options, `case-${index}`, one.rig)
      : (shared ??= await setUp(options, "common"));
    const outcome = await runCase(one, {
      ...setting,
      peaks: setting.peaks.peaks,
      signal: options.signal,
      seed: options.seed * 100 + index,
      cycles: one.mustViolate === undefined ? (options.cycles ?? one.cycles) : one.cycles,
      progress: (text) => say(`  ${one.name}: ${text}`),
    });
    const faults = judgeOutcome(one, outcome);
    outcomes.push({ one, outcome, faults });
    say(outcomeLine(one, outcome, faults));
    if (own) await setting.close();
    // What a failed case left behind must not be taken for the next one's fault.
    else if (faults.length > 0) {
      await setting.close();
      shared = undefined;
    }
  }
  await shared?.close();
  say(`\n${outcomeTable(outcomes)}\n`);
  const failed = outcomes.filter(({ faults }) => faults.length > 0).length;
  return { passed: outcomes.length - failed, failed: failed + (options.signal.aborted ? 1 : 0) };
}

type Setting = {
  readonly rig: Rig;
  readonly history: ReturnType<typeof openHistory>;
  readonly peaks: PeakWatch;
  readonly checkedPayloads: Set<string>;
  close(): Promise<void>;
};

async function setUp(options: DrillOptions, name: string, wanted: Case["rig"] = commonRig): Promise<Setting> {
  const dir = join(options.dir, name);
  mkdirSync(dir, { recursive: true });
  const releases: (() => void)[] = [];
  const place: Place = { dir, onClose: (release) => void releases.unshift(release) };
  const rigOptions = typeof wanted === "function" ? await wanted(place) : wanted;
  const rig = await startRig(
    { dir, env: options.env, reaper: options.reaper, say: () => undefined },
    rigOptions,
  );
  const history = openHistory(join(dir, "history.ndjson"));
  const peaks = watchPeaks(rig.services);
  return {
    rig,
    history,
    peaks,
    checkedPayloads: new Set(),
    async close() {
      peaks.stop();
      await rig.close();
      history.close();
      for (const release of releases) release();
    },
  };
}
