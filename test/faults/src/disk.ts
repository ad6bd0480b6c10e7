import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { CaseWorkspace } from "./fault-case.ts";

/** A file system of a case's own. Needs Linux, root, and the right to mount. */
export type Disk = {
  readonly path: string;
  /** Fills it completely. */
  fill(): void;
  /** Removes the filler. */
  free(): void;
};

/** A disk that can lose power. */
export type CuttableDisk = Disk & {
  /**
   * Discards everything that had not reached the device: only what was synced is left, recovered by the file system's
   * journal as after a crash. No process may use it.
   */
  cutPower(): void;
};

/** A small disk in memory. */
export function smallDisk(workspace: CaseWorkspace, name: string, megabytes: number): Disk {
  const path = join(workspace.dir, name);
  mkdirSync(path, { recursive: true });
  mount(["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  workspace.closing.defer(() => unmount(path));
  return { path, ...filling(path) };
}

/**
 * An ext4 file system in an image file. Writes stay in the system's memory until a sync, or for half a minute, and only
 * then reach the image. So the image at any moment is what a machine finds on its disk after a power failure.
 */
export function cuttableDisk(workspace: CaseWorkspace, name: string, megabytes: number): CuttableDisk {
  const path = join(workspace.dir, name);
  const image = `${path}.image`;
  mkdirSync(path, { recursive: true });
  writeFileSync(image, "");
  truncateSync(image, megabytes * 1024 ** 2);
  execFileSync("mkfs.ext4", ["-q", "-F", image]);
  // The journal is also written at a sync only.
  const attach = (): void => mount(["-o", "loop,commit=300", image, path]);
  attach();
  workspace.closing.defer(() => {
    unmount(path);
    rmSync(image, { force: true });
  });
  return {
    path,
    ...filling(path),
    cutPower() {
      execFileSync("cp", ["--sparse=always", image, `${image}.cut`]);
      unmount(path);
      renameSync(`${image}.cut`, image);
      attach();
    },
  };
}

function filling(path: string): Pick<Disk, "fill" | "free"> {
  const filler = join(path, "filler");
  return {
    fill() {
      const file = openSync(filler, "w");
      const block = Buffer.alloc(64 * 1024);
      try {
        for (let size = block.byteLength; size >= 512; size /= 2)
          writeUntilFull(file, block.subarray(0, size));
      } finally {
        closeSync(file);
      }
      if (statfsSync(path).bavail > 1) throw new Error(`${path} is not full`);
    },
    free: () => rmSync(filler, { force: true }),
  };
}

function writeUntilFull(file: number, block: Buffer): void {
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}

function mount(args: readonly string[]): void {
  try {
    execFileSync("mount", args, { stdio: "pipe" });
  } catch (cause) {
    throw new Error(`mount failed (${String(cause)}): this case needs Linux and root`, { cause });
  }
}

// Lazily where it is still in use, so that a failed case leaves no mount behind.
function unmount(path: string): void {
  try {
    execFileSync("umount", [path], { stdio: "pipe" });
  } catch {
    execFileSync("umount", ["--lazy", path], { stdio: "pipe" });
  }
}
