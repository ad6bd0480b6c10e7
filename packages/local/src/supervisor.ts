import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "./child.ts";
import { fullDiskNote } from "./disk-room.ts";
import { endProcess, forceEnd, type Stoppable } from "./end-process.ts";
import { explain, LocalFailure } from "./failure.ts";
import { lastLines } from "./last-lines.ts";
import type { Reaper } from "./reaper-link.ts";
import type { RunEntry, RunFile } from "./run-file.ts";

/** One process of the stack. */
interface Task {
  readonly name: string;
  /** What asks it to end cleanly, and how long it may take. */
  readonly signal: NodeJS.Signals;
  readonly graceMs: number;
  readonly logFile: string;
  launch(): Promise<Child>;
}

/** A process that is to run for as long as the stack does. */
export interface Part extends Task {
  /** Its name in run.json. */
  readonly key: string;
  readonly readyWithinMs: number;
  /** What it lacks, or undefined when it is ready. */
  whyNotReady(): Promise<string | undefined>;
  describe(pid: number): RunEntry;
}

/** What the supervisor needs from outside. */
export interface SupervisorSettings {
  readonly reaper: Reaper;
  /** Once aborted, nothing is started or restarted any more. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Called after a part got a new process. */
  readonly changed: () => void;
}

/** Keeps parts running. */
export interface Supervisor {
  /** Starts a part and waits until it is ready; from then on it is restarted whenever it ends. */
  start(part: Part): Promise<void>;
  /** Runs a task to its end; throws a LocalFailure unless it ends well. */
  run(task: Task): Promise<void>;
  processes(): readonly Stoppable[];
  parts(): RunFile;
  /** Ends the named ones in the order given, each before the next. Abort the signal first. */
  stop(names: readonly string[]): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

interface Running {
  readonly task: Task;
  child: Child;
  since: number;
  backOffMs: number;
}

const firstBackOffMs = 200;
const longestBackOffMs = 5_000;
/** What a killed run leaves behind (a port, the memory of a database server) may take a moment to vanish. */
const triesAtStart = 3;
/** A wait that lasts says so, and what it waits for. */
const waitingSaidAfterMs = 5_000;
/** Whoever lived this long did not die of what killed it before. */
const settledMs = 30_000;

/** Makes a supervisor with no parts yet. */
export function createSupervisor(settings: SupervisorSettings): Supervisor {
  const { reaper, signal } = settings;
  const running = new Map<string, Running>();
  const parts = new Map<string, Part>();

  async function launch(task: Task): Promise<Running> {
    if (signal.aborted) throw stoppedEarly();
    const child = await task.launch();
    reaper.watch(stoppable(task, child));
    const entry: Running = { task, child, since: Date.now(), backOffMs: firstBackOffMs };
    running.set(task.name, entry);
    settings.changed();
    return entry;
  }

  async function stopOne({ task, child }: Running): Promise<void> {
    await endProcess(stoppable(task, child), task.graceMs);
    reaper.forget(child.pid);
    running.delete(task.name);
  }

  const processes = (): Stoppable[] => [...running.values()].map(({ task, child }) => stoppable(task, child));
  return {
    processes,
    async start(part) {
      parts.set(part.name, part);
      for (let triesLeft = triesAtStart - 1; ; triesLeft -= 1) {
        const entry = await launch(part);
        const early = await untilReady(settings, part, entry.child);
        if (early === undefined) return void keepAlive(settings, part, entry);
        reaper.forget(entry.child.pid);
        if (triesLeft === 0) throw endedBadly(part, `${early} before it was ready`);
        settings.say(
          `${part.name} ended (${early}) before it was ready, starts again; its log: ${part.logFile}`,
        );
        await delay(firstBackOffMs);
      }
    },
    async run(task) {
      const entry = await launch(task);
      const waiting = setInterval(
        () => settings.say(`Waiting for the end of ${task.name}; its log: ${task.logFile}`),
        2 * waitingSaidAfterMs,
      );
      const how = await entry.child.ended.finally(() => clearInterval(waiting));
      reaper.forget(entry.child.pid);
      running.delete(task.name);
      if (signal.aborted) throw stoppedEarly();
      if (how !== "exit code 0") throw endedBadly(task, how);
    },
    parts: () => describeParts(parts, running),
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

// For as long as the stack is not to stop: whenever the process ends, another takes its place, after a pause that
// grows as long as it keeps ending early.
async function keepAlive(settings: SupervisorSettings, part: Part, entry: Running): Promise<void> {
  const { reaper, signal, say } = settings;
  for (;;) {
    const how = await entry.child.ended;
    reaper.forget(entry.child.pid);
    if (signal.aborted) return;
    if (Date.now() - entry.since > settledMs) entry.backOffMs = firstBackOffMs;
    const again = `starts again in ${entry.backOffMs / 1000} s`;
    say(`${part.name} ended (${how}), ${again}; its log: ${part.logFile}${fullDiskNote(part.logFile)}`);
    await delay(entry.backOffMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    entry.backOffMs = Math.min(entry.backOffMs * 2, longestBackOffMs);
    await restart(settings, part, entry);
  }
}

async function restart(settings: SupervisorSettings, part: Part, entry: Running): Promise<void> {
  entry.since = Date.now();
  try {
    entry.child = await part.launch();
  } catch (error) {
    settings.say(`${part.name} could not be started: ${String(error)}`);
    return;
  }
  settings.reaper.watch(stoppable(part, entry.child));
  if (settings.signal.aborted) forceEnd(entry.child);
  else tellChange(settings);
}

// A full disk must not end what keeps the others running: it has room again sooner or later.
function tellChange({ changed, say }: SupervisorSettings): void {
  try {
    changed();
  } catch (error) {
    say(explain(error));
  }
}

function stoppable({ name, signal }: Task, { pid, started }: Child): Stoppable {
  return { name, signal, pid, started };
}

function describeParts(parts: ReadonlyMap<string, Part>, running: ReadonlyMap<string, Running>): RunFile {
  const described: Record<string, RunEntry> = {};
  for (const [name, part] of parts) {
    const entry = running.get(name);
    if (entry !== undefined) described[part.key] = part.describe(entry.child.pid);
  }
  return described;
}

// Returns how the process ended when it did so before it was ready.
async function untilReady(
  { signal, say }: SupervisorSettings,
  part: Part,
  child: Child,
): Promise<string | undefined> {
  const began = Date.now();
  let saidNextMs = waitingSaidAfterMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.5, 250)) {
    const lacks = await part.whyNotReady();
    if (lacks === undefined) return undefined;
    if (signal.aborted) throw stoppedEarly();
    if (child.hasEnded()) return child.ended;
    const now = Date.now();
    const waited = `after ${Math.round((now - began) / 1_000)} s, ${lacks}`;
    if (now - began > part.readyWithinMs) throw endedBadly(part, `not ready ${waited}`);
    if (now - began > saidNextMs) {
      say(`Waiting for ${part.name} (${waited}); its log: ${part.logFile}${fullDiskNote(part.logFile)}`);
      saidNextMs *= 2;
    }
    await delay(pauseMs);
  }
}

function stoppedEarly(): LocalFailure {
  return new LocalFailure("Stopped before everything was up.");
}

function endedBadly({ name, logFile }: Task, how: string): LocalFailure {
  return new LocalFailure(
    `${name} failed (${how})${fullDiskNote(logFile)}. Its log, ${logFile}, ends with:\n${lastLines(logFile, 5)}`,
  );
}
