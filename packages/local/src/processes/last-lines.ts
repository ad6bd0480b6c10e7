import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const maxBytes = 8_192;

/** The last lines of a text file, each indented; "(nothing)" or "(no log)" when there are none. */
export function lastLines(path: string, count: number): string {
  const lines = tail(path).trimEnd().split("\n").slice(-count);
  return lines.map((line) => `  ${line}`).join("\n");
}

function tail(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const start = Math.max(0, fstatSync(file).size - maxBytes);
      const buffer = Buffer.alloc(maxBytes);
      const length = readSync(file, buffer, 0, maxBytes, start);
      return buffer.toString("utf8", 0, length) || "(nothing)";
    } finally {
      closeSync(file);
    }
  } catch {
    return "(no log)";
  }
}
