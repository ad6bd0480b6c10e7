import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { testVariable } from "./test-variable.ts";

/** Whether a test can fill a disk, which needs the right to mount one (root on Linux). If not, prints what is not tested. */
export function canHaveSmallDisk(what: string): boolean {
  const tried = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]);
  if (tried.status === 0) return true;
  process.stdout.write(`NOT TESTED: ${what}. This needs the right to mount a file system (root on Linux).\n`);
  return false;
}

/** A file system of this size. */
export function smallDisk(bytes: number): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(testVariable("TEST_DIR"), "disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=755`, "tmpfs", path]);
  return {
    path,
    [Symbol.dispose]() {
      execFileSync("umount", ["--lazy", path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
