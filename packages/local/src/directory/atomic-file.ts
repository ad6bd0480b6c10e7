import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { errorCode } from "../failure.ts";

/** Writes a file that only its owner may read; a reader sees the old content or the new, never half of it. */
export function writePrivately(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}

/** The JSON in a file, or undefined when there is no such file or it holds something else. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
