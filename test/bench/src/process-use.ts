import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Linux counts a process's time in hundredths of a second. */
const ticksPerSecond = 100;

/** Seconds of processor time that a process has used so far, in user and kernel mode. Linux only. */
export function processorSeconds(pid: number): number {
  const [user = 0, system = 0] = timesOf(pid);
  return (user + system) / ticksPerSecond;
}

/** The same of a process, of those that it started, and of those among them that have ended, such as PostgreSQL's. */
export function treeSeconds(pid: number): number {
  const own = timesOf(pid).reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  return children.reduce((sum, child) => sum + treeSecondsOrNone(Number(child)), own);
}

/** A process may end between two readings; its parent then has its time. */
function treeSecondsOrNone(pid: number): number {
  try {
    return treeSeconds(pid);
  } catch {
    return 0;
  }
}

/** Ticks in user and kernel mode, and those of its children that have ended: proc_pid_stat(5). */
function timesOf(pid: number): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number);
}

/** Megabytes of memory that a process occupies now. Linux only. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1_024;
}

const observedMs = 3_000;
const busyAtMost = 0.1;

/** Refuses a machine whose processors do other work. @throws Error that says how much. Linux only. */
export async function requireQuietMachine(): Promise<void> {
  const [before, began] = [idleSeconds(), performance.now()];
  await delay(observedMs);
  const seconds = (performance.now() - began) / 1_000;
  const processors = readFileSync("/proc/stat", "utf8").match(/^cpu\d/gm)?.length ?? 1;
  const busy = 1 - (idleSeconds() - before) / (seconds * processors);
  if (busy <= busyAtMost) return;
  throw new Error(
    `the processors are ${Math.round(busy * 100)} % busy with other work, so figures would not compare: ` +
      `end it, or measure without --quiet-check`,
  );
}

/** Time that processors had nothing to do, or waited for a disk: proc_stat(5). */
function idleSeconds(): number {
  const [, , , , idle = 0, waiting = 0] = (/^cpu .*$/m.exec(readFileSync("/proc/stat", "utf8"))?.[0] ?? "")
    .split(/ +/)
    .map(Number);
  return (idle + waiting) / ticksPerSecond;
}
