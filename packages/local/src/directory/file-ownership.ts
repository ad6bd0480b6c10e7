import { lstatSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { LocalFailure } from "../failure.ts";

/**
 * Throws a LocalFailure when a file in the data directory belongs to another user, as after a run with sudo: servers
 * that cannot open their files do not always report it. Root can open everything.
 */
export function requireFileOwnership(dir: string): void {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return;
  const foreign = firstForeign(dir, dir, uid);
  if (foreign === undefined) return;
  throw new LocalFailure(
    `${foreign.path} belongs to ${foreign.uid === 0 ? "root" : `the user with id ${foreign.uid}`}, as after a run with sudo, and this user cannot work with it: give everything back with "sudo chown -R ${uid}:${process.getgid?.() ?? uid} ${dir}", or set TAKINGS_DIR to another folder.`,
  );
}

function firstForeign(
  root: string,
  dir: string,
  uid: number,
): { readonly path: string; readonly uid: number } | undefined {
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (isSystemEntry(relative(root, path))) continue;
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (found.uid !== uid) return { path, uid: found.uid };
    const below = found.isDirectory() && isTraversed(relative(root, path)) && firstForeign(root, path, uid);
    if (below) return below;
  }
  return undefined;
}

function isSystemEntry(path: string): boolean {
  return path === "lost+found";
}

// PostgreSQL checks its own files, of which there are thousands.
function isTraversed(path: string): boolean {
  return path !== join("postgres", "data");
}
