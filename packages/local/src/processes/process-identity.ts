import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { errorCode } from "../failure.ts";

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's notation; only compared for equality. */
  readonly started: string;
}

const hasProc = existsSync("/proc/self/stat");

/** When the process started, or undefined when there is none; a zombie counts as none. */
export function startOf(pid: number): string | undefined {
  return hasProc ? startFromProc(pid) : startFromPs(pid);
}

/** True while exactly this process is alive, and not another with its pid. */
export function isAlive(identity: ProcessIdentity): boolean {
  return startOf(identity.pid) === identity.started;
}

/** A cheaper `isAlive` for frequent checks: without /proc it may take a later process with the pid for this one. */
export function seemsAlive(identity: ProcessIdentity): boolean {
  if (hasProc) return isAlive(identity);
  try {
    return process.kill(identity.pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** The command line of a process with spaces between the words; empty when it has ended. */
export function commandOf(pid: number): string {
  try {
    if (hasProc) return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return ps(pid, "command=");
  } catch {
    return "";
  }
}

/** The pid of a process's parent, or undefined when the process has ended. */
export function parentOf(pid: number): number | undefined {
  try {
    return hasProc ? Number(statFields(`/proc/${pid}/stat`)[1]) : Number(ps(pid, "ppid="));
  } catch {
    return undefined;
  }
}

/** True once all threads of the process are stopped: a signal stops them one after the other. */
export function isStopped(pid: number): boolean {
  try {
    if (!hasProc) return ps(pid, "state=").startsWith("T");
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.every((thread) => statFields(`/proc/${pid}/task/${thread}/stat`)[0] === "T");
  } catch {
    return false;
  }
}

function startFromProc(pid: number): string | undefined {
  try {
    const fields = statFields(`/proc/${pid}/stat`);
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

// The command name stands in parentheses and may itself hold spaces and parentheses, so the fields that can
// be counted begin after the last one: state, parent, …, and twentieth the start in clock ticks since boot.
function statFields(file: string): readonly string[] {
  const stat = readFileSync(file, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function startFromPs(pid: number): string | undefined {
  try {
    if (ps(pid, "state=").startsWith("Z")) return undefined;
    return ps(pid, "lstart=") || undefined;
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string {
  return execFileSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8", stdio: "pipe" }).trim();
}
