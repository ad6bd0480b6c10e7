import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJson } from "../../src/directory/atomic-file.ts";
import { eventually } from "@takings/testkit";
import { startOf } from "../../src/processes/process-identity.ts";
import { projectRoot } from "../../src/project-root.ts";
import { readRunFile, type RunFile } from "../../src/directory/run-file.ts";

/** A local run in a process of its own. */
export interface ObservedRun {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  /** Resolves with the components when `ready` was printed. */
  ready(): Promise<RunFile>;
  /** The exit code, or the signal that ended it. */
  ended(): Promise<number | string>;
}

/** A directory for one test's runs, which ends what still runs there when it is left. */
export class RunDirectory implements AsyncDisposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "takings-local-"));
  readonly #runs: ChildProcess[] = [];

  constructor() {
    chmodSync(this.path, 0o711);
  }

  /** Starts the real services. */
  startReal(env: Record<string, string> = {}): ObservedRun {
    return this.#start(
      [process.execPath, fileURLToPath(new URL("../../src/start.ts", import.meta.url))],
      env,
    );
  }

  /** Starts a run, where `through` is given by that shell script, which gets the command as its arguments. */
  start(env: Record<string, string> = {}, through?: string): ObservedRun {
    const script = fileURLToPath(new URL("start.ts", import.meta.url));
    return this.#start(
      [...(through === undefined ? [] : ["/bin/sh", through]), process.execPath, script],
      env,
    );
  }

  #start(command: readonly string[], env: Record<string, string>): ObservedRun {
    const child = spawn(command[0] ?? "", command.slice(1), {
      cwd: projectRoot(),
      env: { ...process.env, INGRESS_PORT: "0", REVENUE_PORT: "0", ...env, TAKINGS_DIR: this.path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#runs.push(child);
    return observe(child, this.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of this.#runs) run.kill("SIGKILL");
    await eventually("the end of all processes", () => this.livingPids().length === 0, 15_000);
    rmSync(this.path, { recursive: true, force: true });
  }

  /** The processes noted here that still live. */
  livingPids(): number[] {
    const notes = readJson(join(this.path, "processes.json"));
    const pids = Array.isArray(notes) ? notes.map((note: { pid: number }) => note.pid) : [];
    return pids.filter((pid) => startOf(pid) !== undefined);
  }
}

function observe(child: ChildProcess, dir: string): ObservedRun {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
  const exit = once(child, "close");
  return {
    process: child,
    pid: child.pid ?? 0,
    output: () => output,
    async ready() {
      const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
      await eventually("ready, or an end", () => /^ready$/m.test(output) || isOver(), 60_000).catch(
        (cause: unknown) => {
          throw new Error(`The run is not ready; it printed: ${output}`, { cause });
        },
      );
      if (isOver()) throw new Error(`The run ended before it was ready; it printed: ${output}`);
      return readRunFile(dir) ?? {};
    },
    async ended() {
      const [code, signal] = await exit;
      return code ?? signal;
    },
  };
}
