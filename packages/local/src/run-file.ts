import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writePrivately } from "./atomic-file.ts";
import { lockHolder } from "./directory-lock.ts";

/** Where one part of a running stack is. */
export interface RunEntry {
  readonly url: string;
  readonly pid: number;
  readonly admin_url?: string;
  readonly monitor_url?: string;
}

/** The parts of a running stack by name: ingress, consumer, revenue_query, nats, postgres. */
export type RunFile = Readonly<Record<string, RunEntry>>;

/** Says where every part is now; replaces what was said before. */
export function writeRunFile(dir: string, parts: RunFile): void {
  writePrivately(runFilePath(dir), `${JSON.stringify(parts, null, 2)}\n`);
}

/** What the directory's run.json says, whether true or left over; undefined when there is none. */
export function readRunFile(dir: string): RunFile | undefined {
  const content = readJson(runFilePath(dir));
  if (typeof content !== "object" || content === null) return undefined;
  return Object.fromEntries(Object.entries(content).filter(isEntry));
}

/** The parts of the stack that runs on this directory, or undefined unless all of the named ones are up. */
export function runningStack(dir: string, names: readonly string[]): RunFile | undefined {
  const parts = lockHolder(dir) === undefined ? undefined : readRunFile(dir);
  return names.every((name) => parts?.[name] !== undefined) ? parts : undefined;
}

/** Nothing runs here any more. */
export function removeRunFile(dir: string): void {
  rmSync(runFilePath(dir), { force: true });
}

function runFilePath(dir: string): string {
  return join(dir, "run.json");
}

function isEntry(entry: [string, unknown]): entry is [string, RunEntry] {
  const part = entry[1];
  if (typeof part !== "object" || part === null || !("url" in part) || !("pid" in part)) return false;
  return typeof part.url === "string" && typeof part.pid === "number";
}
