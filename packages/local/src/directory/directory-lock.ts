import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../failure.ts";
import { isAlive, type ProcessIdentity, startOf } from "../processes/process-identity.ts";

/** Either the directory is ours until `release`, or somebody else's. */
export type LockOutcome =
  | { readonly kind: "ours"; readonly release: () => void }
  | { readonly kind: "held"; readonly by: ProcessIdentity };

/** The living process that holds a data directory, if any. */
export function lockHolder(dir: string): ProcessIdentity | undefined {
  const holder = holderOf(join(dir, "lock"));
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

/** Claims a data directory for this process. A claim whose process is gone does not count. */
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

// A hard link appears whole or not at all and fails where the name exists: the one atomic "create unless there".
function claim(mine: string, path: string): boolean {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

// Two processes may find the same stale claim. Each moves away what lies there and looks at it again: the later
// one may have caught the earlier one's fresh claim and then puts it back.
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
