import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "./child.ts";
import { diskFullNote } from "./disk-space.ts";
import { endProcess, forceEnd, type Stoppable } from "./end-process.ts";
import { explain, LocalFailure } from "../failure.ts";
import { lastLines } from "./last-lines.ts";
import type { Reaper } from "./reaper-client.ts";
import type { RunEntry, RunFile } from "../directory/run-file.ts";

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
export interface Component extends Task {
  /** Its name in run.json. */
  readonly key: string;
  readonly readyWithinMs: number;
  /** What it lacks, or undefined when it is ready. */
  notReadyReason(): Promise<string | undefined>;
  describe(pid: number): RunEntry;
}

/** What the supervisor needs from outside. */
export interface SupervisorSettings {
  readonly reaper: Reaper;
  /** Once aborted, nothing is started or restarted any more. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Called after a component got a new process. */
  readonly changed: () => void;
}

/** Keeps components running. */
export interface Supervisor {
  /** Starts a component and waits until it is ready; from then on it is restarted whenever it ends. */
  start(component: Component): Promise<void>;
  /** Runs a task to its end; throws a LocalFailure unless it ends well. */
  run(task: Task): Promise<void>;
  processes(): readonly Stoppable[];
  components(): RunFile;
  /** Ends the named ones in the order given, each before the next. Abort the signal first. */
  stop(names: readonly string[]): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

interface Running {
  readonly task: Task;
  child: Child;
  since: number;
  backoffMs: number;
}

const initialBackoffMs = 200;
const maxBackoffMs = 5_000;
/** What a killed run leaves behind (a port, the memory of a database server) may take a moment to vanish. */
const startAttempts = 3;
/** A wait that lasts says so, and what it waits for. */
const waitLogAfterMs = 5_000;
/** Whoever lived this long did not die of what killed it before. */
const settledMs = 30_000;

/** Makes a supervisor with no components yet. */
export function createSupervisor(settings: SupervisorSettings): Supervisor {
  const { reaper, signal } = settings;
  const running = new Map<string, Running>();
  const components = new Map<string, Component>();

  async function launch(task: Task): Promise<Running> {
    if (signal.aborted) throw startAborted();
    const child = await task.launch();
    reaper.watch(stoppable(task, child));
    const entry: Running = { task, child, since: Date.now(), backoffMs: initialBackoffMs };
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
    async start(component) {
      components.set(component.name, component);
      for (let attemptsLeft = startAttempts - 1; ; attemptsLeft -= 1) {
        const entry = await launch(component);
        const early = await untilReady(settings, component, entry.child);
        if (early === undefined) return void keepAlive(settings, component, entry);
        reaper.forget(entry.child.pid);
        if (attemptsLeft === 0) throw processFailed(component, `${early} before it was ready`);
        settings.say(
          `${component.name} ended (${early}) before it was ready, starts again; its log: ${component.logFile}`,
        );
        await delay(initialBackoffMs);
      }
    },
    async run(task) {
      const entry = await launch(task);
      const waiting = setInterval(
        () => settings.say(`Waiting for the end of ${task.name}; its log: ${task.logFile}`),
        2 * waitLogAfterMs,
      );
      const how = await entry.child.ended.finally(() => clearInterval(waiting));
      reaper.forget(entry.child.pid);
      running.delete(task.name);
      if (signal.aborted) throw startAborted();
      if (how !== "exit code 0") throw processFailed(task, how);
    },
    components: () => describeComponents(components, running),
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
async function keepAlive(settings: SupervisorSettings, component: Component, entry: Running): Promise<void> {
  const { reaper, signal, say } = settings;
  for (;;) {
    const how = await entry.child.ended;
    reaper.forget(entry.child.pid);
    if (signal.aborted) return;
    if (Date.now() - entry.since > settledMs) entry.backoffMs = initialBackoffMs;
    const again = `starts again in ${entry.backoffMs / 1000} s`;
    say(
      `${component.name} ended (${how}), ${again}; its log: ${component.logFile}${diskFullNote(component.logFile)}`,
    );
    await delay(entry.backoffMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    entry.backoffMs = Math.min(entry.backoffMs * 2, maxBackoffMs);
    await restart(settings, component, entry);
  }
}

async function restart(settings: SupervisorSettings, component: Component, entry: Running): Promise<void> {
  entry.since = Date.now();
  try {
    entry.child = await component.launch();
  } catch (error) {
    settings.say(`${component.name} could not be started: ${String(error)}`);
    return;
  }
  settings.reaper.watch(stoppable(component, entry.child));
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

function stoppable({ name, signal }: Task, { pid, started }: Child): Stoppable {
  return { name, signal, pid, started };
}

function describeComponents(
  components: ReadonlyMap<string, Component>,
  running: ReadonlyMap<string, Running>,
): RunFile {
  const described: Record<string, RunEntry> = {};
  for (const [name, component] of components) {
    const entry = running.get(name);
    if (entry !== undefined) described[component.key] = component.describe(entry.child.pid);
  }
  return described;
}

// Returns how the process ended when it did so before it was ready.
async function untilReady(
  { signal, say }: SupervisorSettings,
  component: Component,
  child: Child,
): Promise<string | undefined> {
  const began = Date.now();
  let nextWaitLogMs = waitLogAfterMs;
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 1.5, 250)) {
    const reason = await component.notReadyReason();
    if (reason === undefined) return undefined;
    if (signal.aborted) throw startAborted();
    if (child.hasEnded()) return child.ended;
    const now = Date.now();
    const waited = `after ${Math.round((now - began) / 1_000)} s, ${reason}`;
    if (now - began > component.readyWithinMs) throw processFailed(component, `not ready ${waited}`);
    if (now - began > nextWaitLogMs) {
      say(
        `Waiting for ${component.name} (${waited}); its log: ${component.logFile}${diskFullNote(component.logFile)}`,
      );
      nextWaitLogMs *= 2;
    }
    await delay(pauseMs);
  }
}

function startAborted(): LocalFailure {
  return new LocalFailure("Stopped before everything was up.");
}

function processFailed({ name, logFile }: Task, how: string): LocalFailure {
  return new LocalFailure(
    `${name} failed (${how})${diskFullNote(logFile)}. Its log, ${logFile}, ends with:\n${lastLines(logFile, 5)}`,
  );
}
