// A process of its own that outlives a supervisor which was killed outright. It is told over its standard input
// which processes run; when that closes without a goodbye, it ends them.
import { createInterface } from "node:readline";
import { endProcess, leftoverGraceMs, type Stoppable } from "./end-process.ts";
import type { ReaperMessage } from "./reaper-link.ts";

const watched = new Map<number, Stoppable>();
let dismissed = false;

// Only the supervisor decides: a Ctrl-C or a closed terminal is its business.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message: ReaperMessage = JSON.parse(line);
  if (message.kind === "watch") watched.set(message.process.pid, message.process);
  if (message.kind === "forget") watched.delete(message.pid);
  if (message.kind === "goodbye") dismissed = true;
});
lines.once("close", () => {
  void endAll();
});

async function endAll(): Promise<void> {
  if (!dismissed) {
    await Promise.all([...watched.values()].map((process) => endProcess(process, leftoverGraceMs)));
  }
  process.exit(0);
}
