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

/** A file system of a case's own. Making one needs Linux, root, and the right to mount. */
export type Disk = {
  readonly path: string;
  /** Fills it to the last block. */
  fill(): void;
  /** Removes what filled it. */
  free(): void;
};

/** A disk whose power can be cut. */
export type CuttableDisk = Disk & {
  /**
   * Throws away everything that had not reached the device: what is on the disk afterwards is what was written and
   * synced, put in order by the file system's journal as after a crash. Nobody may be using it.
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
 * An ext4 file system in an image file. What processes write stays in the system's memory until they sync, or for half
 * a minute; only then does it get into the image. So the image, as it is at one moment, is what a machine would find on
 * its disk whose power failed at that moment.
 */
export function cuttableDisk(workspace: CaseWorkspace, name: string, megabytes: number): CuttableDisk {
  const path = join(workspace.dir, name);
  const image = `${path}.image`;
  mkdirSync(path, { recursive: true });
  writeFileSync(image, "");
  truncateSync(image, megabytes * 1024 ** 2);
  execFileSync("mkfs.ext4", ["-q", "-F", image]);
  // The journal, too, is written only when somebody syncs.
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
    throw new Error(`cannot mount (${String(cause)}): this case needs Linux and root`, { cause });
  }
}

// Lazily where somebody still looks at it, so that a failed case leaves no mount behind.
function unmount(path: string): void {
  try {
    execFileSync("umount", [path], { stdio: "pipe" });
  } catch {
    execFileSync("umount", ["--lazy", path], { stdio: "pipe" });
  }
}
