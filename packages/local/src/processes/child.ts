import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, type WriteStream, createWriteStream } from "node:fs";
import type { Env } from "../env.ts";
import { LocalFailure } from "../failure.ts";
import { type ProcessIdentity, startOf } from "./process-identity.ts";

/** A program to run. */
export interface ProcessCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Env;
  readonly cwd?: string;
  /** The user to run as, when it is another one. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Stay in this process's group instead of leading one of its own. */
  readonly sharesGroup?: boolean;
}

/** Where a child's output goes. */
export interface ChildOutput {
  /** Appended to; holds everything. */
  readonly logFile: string;
  /** Also receives each chunk of the output. */
  readonly tee?: (chunk: Buffer) => void;
}

/** How a child ended: "exit code 0", "SIGKILL". */
type ChildEnd = string;

/** A running child. By default it leads a process group, so that Ctrl-C in the terminal does not reach it. */
export interface Child extends ProcessIdentity {
  /** Resolves when the child has ended; never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** True once it has ended. */
  hasEnded(): boolean;
}

/** Starts a program. Throws a LocalFailure when the system cannot start it. */
export async function startChild(what: ProcessCommand, output: ChildOutput): Promise<Child> {
  const log = openSync(output.logFile, "a", 0o600);
  const stdout = output.tee === undefined ? log : "pipe";
  const child = spawn(what.command, what.args, {
    cwd: what.cwd,
    env: what.env,
    detached: what.sharesGroup !== true,
    stdio: ["ignore", stdout, stdout],
    ...what.user,
  });
  const ended = watchEnd(child);
  await started(child, what.command).finally(() => closeSync(log));
  if (output.tee !== undefined) copyOutput(child, output.logFile, output.tee);
  const pid = child.pid ?? 0;
  return {
    pid,
    started: startOf(pid) ?? "",
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
  };
}

function watchEnd(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
  });
}

async function started(child: ChildProcess, command: string): Promise<void> {
  try {
    await once(child, "spawn");
  } catch (cause) {
    throw new LocalFailure(`${command} cannot be started: ${String(cause)}`, { cause });
  }
}

function copyOutput(child: ChildProcess, logFile: string, tee: (chunk: Buffer) => void): void {
  const file: WriteStream = createWriteStream(logFile, { flags: "a", mode: 0o600 });
  // A full disk must not end the supervisor; the child continues without a log.
  file.on("error", () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      file.write(chunk);
      tee(chunk);
    });
  }
  child.once("close", () => file.end());
}
