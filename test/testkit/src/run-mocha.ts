import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Env, endProcess, nodeCommand, type Reaper, startOf, type Stoppable } from "@takings/local";
import { readSummary, type Summary } from "./summary.ts";
import { testFiles } from "./test-files.ts";

/** Output of a run: that of this process, or an open file. */
export type MochaOutput = "inherit" | number;

/** What a run of mocha depends on. */
export interface MochaSettings {
  readonly root: string;
  /** Directory of the file with the counts. */
  readonly dir: string;
  /** Arguments of mocha; test files among them replace the project's. */
  readonly args: readonly string[];
  readonly env: Env;
  readonly reaper: Reaper;
  readonly signal: AbortSignal;
  readonly output?: MochaOutput;
}

const flags = ["--extension", "ts", "--timeout", "60000", "--forbid-only", "--forbid-pending", "--fail-zero"];
/** A finished run exits by itself unless a test left a handle open. */
const exitWithinMs = 10_000;

/** Runs mocha in a process group of its own and ends what is left of the group; an incomplete run counts as a failure. */
export async function runMocha(settings: MochaSettings): Promise<Summary> {
  const summaryFile = join(settings.dir, "summary.json");
  // Of an earlier run.
  rmSync(summaryFile, { force: true });
  const { command, args, env } = nodeCommand(mochaArgs(settings), settings.env);
  const child = spawn(command, args, {
    cwd: settings.root,
    env: { ...env, TEST_SUMMARY_FILE: summaryFile },
    detached: true,
    stdio: ["ignore", settings.output ?? "inherit", settings.output ?? "inherit"],
  });
  const pid = child.pid ?? 0;
  const mocha: Stoppable = {
    name: "mocha",
    signal: "SIGKILL",
    withGroup: true,
    pid,
    started: startOf(pid) ?? "",
  };
  settings.reaper.watch(mocha);
  const stop = (): void => void endProcess(mocha, 1_000);
  settings.signal.addEventListener("abort", stop);
  const open = watchForOpenHandles(summaryFile, stop);
  const [code] = await once(child, "exit");
  const leftOpen = open();
  endGroup(pid);
  settings.reaper.forget(pid);
  return judge(readSummary(summaryFile), code === 0, leftOpen);
}

function mochaArgs({ root, args }: MochaSettings): string[] {
  const reporter = fileURLToPath(new URL("summary-reporter.ts", import.meta.url));
  const bin = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
  const named = args.some((arg) => arg.endsWith(".ts") && existsSync(join(root, arg)));
  return [bin, "--no-config", ...flags, "--reporter", reporter, ...args, ...(named ? [] : testFiles(root))];
}

// Returns a function that ends the watch and returns whether the run had to be ended.
function watchForOpenHandles(summaryFile: string, stop: () => void): () => boolean {
  let doneAt: number | undefined;
  let stopped = false;
  const timer = setInterval(() => {
    if (doneAt === undefined && existsSync(summaryFile)) doneAt = Date.now();
    if (stopped || doneAt === undefined || Date.now() - doneAt < exitWithinMs) return;
    process.stdout.write("The tests have ended, but an open handle keeps the process alive.\n");
    stopped = true;
    stop();
  }, 250);
  return () => {
    clearInterval(timer);
    return stopped;
  };
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is empty, as it should be.
  }
}

function judge(summary: Summary | undefined, clean: boolean, leftOpen: boolean): Summary {
  const { passed, failed } = summary ?? { passed: 0, failed: 1 };
  if (summary !== undefined && passed + failed === 0)
    process.stdout.write("No test matches the arguments.\n");
  if (leftOpen) return { passed, failed: failed + 1 };
  return clean || failed > 0 ? { passed, failed } : { passed, failed: 1 };
}
