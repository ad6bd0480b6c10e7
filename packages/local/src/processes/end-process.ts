import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "../failure.ts";
import { isAlive, type ProcessIdentity } from "./process-identity.ts";

/** A process and how it wants to be asked to end. */
export interface Stoppable extends ProcessIdentity {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  /** It leads a group whose members must not outlive it. */
  readonly withGroup?: boolean;
}

/** How long a leftover of an earlier run may take to end: a database that is killed leaves its recovery to the next start. */
export const orphanGraceMs = 20_000;

const pollMs = 20;

/** Asks a process to end, forces it after `graceMs`, and returns when it is gone. */
export async function endProcess(process: Stoppable, graceMs: number): Promise<void> {
  if (!isAlive(process)) return;
  signalProcess(process, process.signal);
  const gone = await isGoneWithin(process, graceMs);
  if (process.withGroup === true) send(-process.pid, "SIGKILL");
  if (gone) return;
  forceEnd(process);
  await isGoneWithin(process, 5_000);
}

/** Ends a process and its whole group at once. */
export function forceEnd(process: ProcessIdentity): void {
  if (!isAlive(process)) return;
  send(-process.pid, "SIGKILL");
  send(process.pid, "SIGKILL");
}

/** Sends a signal to exactly this process; does nothing when it is gone. */
export function signalProcess(process: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isAlive(process)) send(process.pid, signal);
}

async function isGoneWithin(process: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (isAlive(process)) {
    if (Date.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone between the check and the signal, which is what was wanted.
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
