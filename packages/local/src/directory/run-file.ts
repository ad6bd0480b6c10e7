import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writePrivately } from "./atomic-file.ts";
import { lockHolder } from "./directory-lock.ts";

/** Where one component of a running stack is. */
export interface RunEntry {
  readonly url: string;
  readonly pid: number;
  readonly admin_url?: string;
  readonly monitor_url?: string;
}

/** The components of a running stack by name: ingress, consumer, revenue_query, nats, postgres. */
export type RunFile = Readonly<Record<string, RunEntry>>;

/** Says where every component is now; replaces what was said before. */
export function writeRunFile(dir: string, components: RunFile): void {
  writePrivately(runFilePath(dir), `${JSON.stringify(components, null, 2)}\n`);
}

/** What the directory's run.json says, whether true or left over; undefined when there is none. */
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

/** Nothing runs here any more. */
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
