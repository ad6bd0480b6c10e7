// A process of its own that outlives a supervisor which was killed outright. It is told over its standard input
// which processes run; when that closes without a goodbye, it ends them,
// and removes what was meant for that run alone.
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { endProcess, orphanGraceMs, type Stoppable } from "./end-process.ts";
import type { ReaperMessage } from "./reaper-client.ts";

const watched = new Map<number, Stoppable>();
let temporary: string | undefined;
let dismissed = false;

// Only the supervisor decides: a Ctrl-C or a closed terminal is its business.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message: ReaperMessage = JSON.parse(line);
  if (message.kind === "watch") watched.set(message.process.pid, message.process);
  if (message.kind === "forget") watched.delete(message.pid);
  if (message.kind === "remove") temporary = message.dir;
  if (message.kind === "shutdown") dismissed = true;
});
lines.once("close", () => {
  void endAll();
});

async function endAll(): Promise<void> {
  if (!dismissed) {
    await Promise.all([...watched.values()].map((process) => endProcess(process, orphanGraceMs)));
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
  process.exit(0);
}
