import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { errorCode } from "../failure.ts";

/** Writes a file atomically that only its owner may read. */
export function writePrivately(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}

/** The JSON in a file, or undefined when the file does not exist or is not JSON. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
