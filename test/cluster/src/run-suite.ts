import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Env, projectRoot, startReaper } from "@takings/local";
import { runMocha } from "@takings/testkit";

/** A suite that needs more of the machine than `pnpm test` may require. */
export type Suite = {
  /** The folder of test/cluster that holds the test files. */
  readonly folder: "chart" | "e2e";
  /** Test files to run instead of all, or options of mocha. */
  readonly args: readonly string[];
  readonly env: Env;
  readonly say: (line: string) => void;
};

/** Runs the suite's files in the order of their names and prints the counts last. @returns true when all passed. */
export async function runSuite({ folder, args, env, say }: Suite): Promise<boolean> {
  const root = projectRoot();
  const dir = mkdtempSync(join(tmpdir(), "takings-suite-"));
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
  const reaper = startReaper();
  try {
    const named = args.some((arg) => arg.endsWith(".ts"));
    const files = named ? [] : globSync(`test/cluster/${folder}/*.test.ts`, { cwd: root }).toSorted();
    const settings = { root, dir, args: [...args, ...files], env, reaper, signal: stopping.signal };
    const { passed, failed } = await runMocha(settings);
    const interrupted = stopping.signal.aborted ? 1 : 0;
    say(`${passed} passed, ${failed + interrupted} failed`);
    return passed > 0 && failed + interrupted === 0;
  } finally {
    reaper.dismiss();
    rmSync(dir, { recursive: true, force: true });
  }
}
