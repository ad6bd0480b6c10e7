import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writePrivately } from "./atomic-file.ts";
import { lockHolder } from "./directory-lock.ts";

/** The addresses and the pid of one component of a running stack. */
export interface RunEntry {
  readonly url: string;
  readonly pid: number;
  readonly admin_url?: string;
  readonly monitor_url?: string;
}

/** The components of a running stack by name: ingress, consumer, revenue_query, nats, postgres. */
export type RunFile = Readonly<Record<string, RunEntry>>;

/** Writes the file, replacing an earlier one. */
export function writeRunFile(dir: string, components: RunFile): void {
  writePrivately(runFilePath(dir), `${JSON.stringify(components, null, 2)}\n`);
}

/** The directory's run.json, which may be left from an earlier run; undefined when there is none. */
export function readRunFile(dir: string): RunFile | undefined {
  const content = readJson(runFilePath(dir));
  if (typeof content !== "object" || content === null) return undefined;
  return Object.fromEntries(Object.entries(content).filter(isEntry));
}

/** The components of the stack that runs on this directory, or undefined unless all of the named ones are up. */
export function runningStack(dir: string, names: readonly string[]): RunFile | undefined {
  const components = lockHolder(dir) === undefined ? undefined : readRunFile(dir);
  return names.every((name) => components?.[name] !== undefined) ? components : undefined;
}

/** Removes the file after a stop. */
export function removeRunFile(dir: string): void {
  rmSync(runFilePath(dir), { force: true });
}

function runFilePath(dir: string): string {
  return join(dir, "run.json");
}

function isEntry(entry: [string, unknown]): entry is [string, RunEntry] {
  const component = entry[1];
  if (typeof component !== "object" || component === null || !("url" in component) || !("pid" in component))
    return false;
  return typeof component.url === "string" && typeof component.pid === "number";
}
