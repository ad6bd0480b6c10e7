import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** True when a file can be created in the folder, which is created when it is missing. */
export function isWritable(folder: string): boolean {
  const file = join(folder, ".stand-in");
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, "");
    rmSync(file);
    return true;
  } catch {
    return false;
  }
}

type Paths = {
  /** What the program writes. */
  readonly written: readonly string[];
  /** Folders that everyone may write to in the image, unless its root file system is read-only. */
  readonly readOnly: readonly string[];
};

/** A sentence for each path that the program could not write, and for each that it should not be able to write. */
export function pathProblems({ written, readOnly }: Paths, canWrite = isWritable): string[] {
  return [
    ...written.filter((path) => !canWrite(path)).map((path) => `${path} is not writable, but is written`),
    ...readOnly.filter((path) => canWrite(path)).map((path) => `${path} is writable, but is never written`),
  ];
}
