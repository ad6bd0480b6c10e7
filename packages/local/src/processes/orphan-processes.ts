import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writePrivately } from "../directory/atomic-file.ts";
import { endProcess, orphanGraceMs, type Stoppable } from "./end-process.ts";
import { isAlive } from "./process-identity.ts";

/** Records the processes of this directory, so that the next start can end what a crash left behind. */
export function recordProcesses(dir: string, processes: readonly Stoppable[]): void {
  writePrivately(recordPath(dir), `${JSON.stringify(processes)}\n`);
}

/** Removes the record after a clean stop. */
export function removeProcessRecord(dir: string): void {
  rmSync(recordPath(dir), { force: true });
}

/** Ends the recorded processes that are still alive, each identified by pid and start time. */
export async function endOrphans(dir: string, say: (line: string) => void): Promise<void> {
  const recorded = readJson(recordPath(dir));
  const left = (Array.isArray(recorded) ? recorded : []).filter(isStoppable).filter(isAlive);
  for (const { name, pid } of left) say(`Ending ${name} (pid ${pid}), an orphan of an earlier run …`);
  await Promise.all(left.map((process) => endProcess(process, orphanGraceMs)));
}

function recordPath(dir: string): string {
  return join(dir, "processes.json");
}

function isStoppable(value: unknown): value is Stoppable {
  const fields = ["pid", "started", "name", "signal"];
  return typeof value === "object" && value !== null && fields.every((field) => field in value);
}
