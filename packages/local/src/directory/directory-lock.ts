import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../failure.ts";
import { isAlive, type ProcessIdentity, startOf } from "../processes/process-identity.ts";

/** The directory is locked until `release`, or another process holds the lock. */
export type LockOutcome =
  | { readonly kind: "ours"; readonly release: () => void }
  | { readonly kind: "held"; readonly by: ProcessIdentity };

/** The process that holds the lock of a data directory, if any. */
export function lockHolder(dir: string): ProcessIdentity | undefined {
  const holder = holderOf(join(dir, "lock"));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Locks a data directory for this process. The lock of a process that has ended is stale. */
export function lockDirectory(dir: string): LockOutcome {
  const path = join(dir, "lock");
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }), { mode: 0o600 });
  try {
    for (;;) {
      if (claim(mine, path)) return { kind: "ours", release: () => rmSync(path, { force: true }) };
      const holder = holderOf(path);
      if (holder !== undefined && isAlive(holder)) return { kind: "held", by: holder };
      clearStale(path, mine);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

// A hard link is created atomically and fails when the name exists.
function claim(mine: string, path: string): boolean {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

// Two processes may find the same stale lock. Each moves it away and checks it again: the later process may have moved
// the new lock of the earlier one, and then puts it back.
function clearStale(path: string, mine: string): void {
  const aside = `${mine}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  const holder = holderOf(aside);
  if (holder !== undefined && isAlive(holder)) claim(aside, path);
  rmSync(aside, { force: true });
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    const holder: Partial<ProcessIdentity> = JSON.parse(readFileSync(path, "utf8"));
    if (typeof holder.pid !== "number" || typeof holder.started !== "string") return undefined;
    return { pid: holder.pid, started: holder.started };
  } catch {
    return undefined;
  }
}
