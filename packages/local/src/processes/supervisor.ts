import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "./child.ts";
import { diskFullNote } from "./disk-space.ts";
import { endProcess, forceEnd, type Stoppable } from "./end-process.ts";
import { explain } from "../failure.ts";
import { launch, type ProcessDefinition, processFailed, stoppable } from "./process-definition.ts";
import type { Reaper } from "./reaper-client.ts";
import { startAborted, waitUntilReady } from "./wait-until-ready.ts";

/** What the supervisor needs from outside. */
export interface SupervisorSettings {
  readonly reaper: Reaper;
  /** Once aborted, nothing is started or restarted. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Called after a process was started or restarted. */
  readonly changed: () => void;
}

/** Keeps processes running. */
export interface Supervisor {
  /** Starts a process and waits until it is ready; from then on it is restarted whenever it ends. */
  start(definition: ProcessDefinition): Promise<void>;
  /** Runs a program to its end; throws a LocalFailure unless it exits with 0. */
  run(definition: ProcessDefinition): Promise<void>;
  processes(): readonly Stoppable[];
  /** Ends the named ones in the order given, each before the next. Abort the signal first. */
  stop(names: readonly string[]): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

interface Running {
  readonly definition: ProcessDefinition;
  child: Child;
  since: number;
  backoffMs: number;
}

const initialBackoffMs = 200;
const maxBackoffMs = 5_000;
/** What a killed run leaves behind (a port, the memory of a database server) may take a moment to vanish. */
const startAttempts = 3;
const runReportMs = 10_000;
/** A process that lived this long did not die of what killed it before. */
const stableMs = 30_000;

/** Makes a supervisor without processes. */
export function createSupervisor(settings: SupervisorSettings): Supervisor {
  const { reaper, signal, say } = settings;
  const running = new Map<string, Running>();

  async function begin(definition: ProcessDefinition): Promise<Running> {
    if (signal.aborted) throw startAborted();
    const child = await launch(definition);
    reaper.watch(stoppable(definition, child));
    const entry: Running = { definition, child, since: performance.now(), backoffMs: initialBackoffMs };
    running.set(definition.name, entry);
    settings.changed();
    return entry;
  }

  async function stopOne({ definition, child }: Running): Promise<void> {
    await endProcess(stoppable(definition, child), definition.graceMs);
    reaper.forget(child.pid);
    running.delete(definition.name);
  }

  const processes = (): Stoppable[] =>
    [...running.values()].map(({ definition, child }) => stoppable(definition, child));
  return {
    processes,
    async start(definition) {
      const { name, logFile } = definition;
      for (let attemptsLeft = startAttempts - 1; ; attemptsLeft -= 1) {
        const entry = await begin(definition);
        const early = await waitUntilReady(definition, entry.child, { signal, say });
        if (early === undefined) return void keepAlive(settings, entry);
        reaper.forget(entry.child.pid);
        if (attemptsLeft === 0) throw processFailed(definition, `${early} before it was ready`);
        say(`${name} ended (${early}) before it was ready, starts again; its log: ${logFile}`);
        await delay(initialBackoffMs);
      }
    },
    async run(definition) {
      const { name, logFile } = definition;
      const entry = await begin(definition);
      const report = (): void => say(`Waiting for the end of ${name}; its log: ${logFile}`);
      const waiting = setInterval(report, runReportMs);
      const how = await entry.child.ended.finally(() => clearInterval(waiting));
      reaper.forget(entry.child.pid);
      running.delete(name);
      if (signal.aborted) throw startAborted();
      if (how !== "exit code 0") throw processFailed(definition, how);
    },
    async stop(names) {
      for (const name of names) {
        const entry = running.get(name);
        if (entry !== undefined) await stopOne(entry);
      }
    },
    kill() {
      for (const process of processes()) forceEnd(process);
    },
  };
}

// Until the stack is to stop: whenever the process ends, another takes its place, after a pause that grows as long as
// it keeps ending early.
async function keepAlive(settings: SupervisorSettings, entry: Running): Promise<void> {
  const { reaper, signal, say } = settings;
  const { name, logFile } = entry.definition;
  for (;;) {
    const how = await entry.child.ended;
    reaper.forget(entry.child.pid);
    if (signal.aborted) return;
    if (performance.now() - entry.since > stableMs) entry.backoffMs = initialBackoffMs;
    const again = `starts again in ${entry.backoffMs / 1000} s`;
    say(`${name} ended (${how}), ${again}; its log: ${logFile}${diskFullNote(logFile)}`);
    await delay(entry.backoffMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    entry.backoffMs = Math.min(entry.backoffMs * 2, maxBackoffMs);
    await restart(settings, entry);
  }
}

async function restart(settings: SupervisorSettings, entry: Running): Promise<void> {
  const { definition } = entry;
  entry.since = performance.now();
  try {
    entry.child = await launch(definition);
  } catch (error) {
    settings.say(`${definition.name} could not be started: ${String(error)}`);
    return;
  }
  settings.reaper.watch(stoppable(definition, entry.child));
  if (settings.signal.aborted) forceEnd(entry.child);
  else notifyChange(settings);
}

// A full disk must not end what keeps the others running: it has room again sooner or later.
function notifyChange({ changed, say }: SupervisorSettings): void {
  try {
    changed();
  } catch (error) {
    say(explain(error));
  }
}
