import { setTimeout as delay } from "node:timers/promises";
import {
  type Child,
  endProcess,
  type Env,
  launch,
  type ProcessCommand,
  type ProcessDefinition,
  type Reaper,
  signalProcess,
  stoppable,
} from "@takings/local";
import { eventually, runThrough } from "@takings/testkit";

/** What every process of an installation needs. */
export type ProcessContext = {
  /** Logs are in `logs` below it. */
  readonly dir: string;
  readonly env: Env;
  readonly reaper: Reaper;
  /** By the name of a process: the program, with its arguments, that runs it; see `runThrough`. */
  readonly wrappers?: Readonly<Record<string, readonly string[]>>;
  /** Ends everything that was started, also where the start failed. */
  readonly closing: AsyncDisposableStack;
};

/** One process that is restarted whenever it ends, as Kubernetes would, and into which faults can be injected. */
export type SupervisedProcess = {
  readonly name: string;
  readonly logFile: string;
  pid(): number;
  /** How often it was started. */
  starts(): number;
  /** Sends a signal; resolves with how it ended when it is gone. It is restarted unless it is held. */
  end(signal: NodeJS.Signals): Promise<string>;
  /** Sends a signal without waiting. */
  signal(signal: NodeJS.Signals): void;
  /** Prevents a restart until `release`. */
  hold(): void;
  release(): void;
  ready(withinMs?: number): Promise<void>;
  isReady(): Promise<boolean>;
};

const restartPauseMs = 50;
const readyWithinMs = 60_000;
const closeWithinMs = 10_000;

/** Starts a process, which runs until the context is closed; nobody needs what it leaves, so `SIGKILL` will do. */
export async function startSupervisedProcess(
  { reaper, closing, wrappers = {} }: ProcessContext,
  definition: ProcessDefinition,
  closeWith: NodeJS.Signals = "SIGKILL",
): Promise<SupervisedProcess> {
  const { name, logFile, ready } = definition;
  const command = async (): Promise<ProcessCommand> =>
    runThrough(await definition.command(), wrappers[name] ?? []);
  let closed = false;
  let held: PromiseWithResolvers<void> | undefined;
  let starts = 0;
  let child = await start();

  async function start(): Promise<Child> {
    const next = await launch({ ...definition, command });
    reaper.watch({ ...stoppable(definition, next), signal: closeWith });
    starts += 1;
    return next;
  }
  const supervise = async (): Promise<void> => {
    for (;;) {
      await child.ended;
      reaper.forget(child.pid);
      if (closed) return;
      await delay(restartPauseMs);
      await held?.promise;
      if (closed) return;
      child = await start();
    }
  };
  const supervised = supervise();
  closing.defer(async () => {
    closed = true;
    held?.resolve();
    signalProcess(child, "SIGCONT");
    await endProcess({ ...stoppable(definition, child), signal: closeWith }, closeWithinMs);
    await supervised;
  });

  const missing = async (): Promise<string | undefined> => ready?.missing();
  const mustBeReady = async (): Promise<true> => {
    const reason = await missing();
    if (reason === undefined) return true;
    throw new Error(reason);
  };
  return {
    name,
    logFile,
    pid: () => child.pid,
    starts: () => starts,
    async end(signal) {
      const victim = child;
      signalProcess(victim, signal);
      return victim.ended;
    },
    signal: (signal) => signalProcess(child, signal),
    hold: () => void (held ??= Promise.withResolvers()),
    release() {
      held?.resolve();
      held = undefined;
    },
    async ready(withinMs = readyWithinMs) {
      await eventually(`${name} to be ready (log: ${logFile})`, mustBeReady, withinMs);
    },
    isReady: async () => (await missing()) === undefined,
  };
}
