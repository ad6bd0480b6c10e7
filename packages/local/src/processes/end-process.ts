import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "../failure.ts";
import { isAlive, type ProcessIdentity } from "./process-identity.ts";

/** A process and the signal that asks it to end. */
export interface Stoppable extends ProcessIdentity {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  /** It leads a group whose members must not outlive it. */
  readonly withGroup?: boolean;
}

/** How long a leftover of an earlier run may take to end: a database that is killed leaves its recovery to the next start. */
export const orphanGraceMs = 20_000;

const pollMs = 20;

/** Asks a process to end, kills it after `graceMs`, and resolves when it has ended. */
export async function endProcess(process: Stoppable, graceMs: number): Promise<void> {
  if (!isAlive(process)) return;
  signalProcess(process, process.signal);
  const ended = await endsWithin(process, graceMs);
  if (process.withGroup === true) send(-process.pid, "SIGKILL");
  if (ended) return;
  forceEnd(process);
  await endsWithin(process, 5_000);
}

/** Ends a process and its whole group at once. */
export function forceEnd(process: ProcessIdentity): void {
  if (!isAlive(process)) return;
  send(-process.pid, "SIGKILL");
  send(process.pid, "SIGKILL");
}

/** Sends a signal to exactly this process; does nothing when it has ended. */
export function signalProcess(process: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isAlive(process)) send(process.pid, signal);
}

async function endsWithin(process: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (isAlive(process)) {
    if (performance.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the check and the signal.
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
