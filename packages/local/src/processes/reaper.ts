// A process of its own that outlives a supervisor that was killed. Its standard input lists the processes that run; when
// that closes without a message `shutdown`, it ends them and removes the directory of a temporary run.
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { endProcess, orphanGraceMs, type Stoppable } from "./end-process.ts";
import type { ReaperMessage } from "./reaper-client.ts";

const watched = new Map<number, Stoppable>();
let temporary: string | undefined;
let dismissed = false;

// Only the supervisor reacts to Ctrl-C or a closed terminal.
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
