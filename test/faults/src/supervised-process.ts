import { setTimeout as delay } from "node:timers/promises";
import {
  type Child,
  endProcess,
  eventually,
  type ProcessCommand,
  type Reaper,
  signalProcess,
  startChild,
} from "@takings/local";

/** One process that is started again whenever it ends, as Kubernetes would, and that can be made to suffer. */
export type SupervisedProcess = {
  readonly name: string;
  readonly logFile: string;
  pid(): number;
  /** How often it was started. */
  starts(): number;
  /** Ends it; resolves, with how it ended, when it is gone. Another one takes its place unless it is held. */
  end(signal: NodeJS.Signals): Promise<string>;
  /** Sends a signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** Keeps it from being started again until `release`. */
  hold(): void;
  release(): void;
  ready(withinMs?: number): Promise<void>;
  isReady(): Promise<boolean>;
};

export type SupervisedProcessOptions = {
  readonly name: string;
  readonly logFile: string;
  readonly reaper: Reaper;
  /** The signal that ends it for good; nobody needs what it leaves. */
  readonly endWith: NodeJS.Signals;
  /** Where its end is registered as soon as it runs. */
  readonly closing: AsyncDisposableStack;
  command(): ProcessCommand | Promise<ProcessCommand>;
  isReady(): Promise<boolean>;
};

const restartPauseMs = 50;
const readyWithinMs = 60_000;
const closeWithinMs = 10_000;

/** Starts a process, which runs until `closing` is disposed of. */
export async function startSupervisedProcess(options: SupervisedProcessOptions): Promise<SupervisedProcess> {
  const { name, logFile, reaper } = options;
  let closed = false;
  let held: PromiseWithResolvers<void> | undefined;
  let starts = 0;
  let child = await launch();

  async function launch(): Promise<Child> {
    const next = await startChild(await options.command(), { logFile });
    reaper.watch({ ...next, name, signal: options.endWith });
    starts += 1;
    return next;
  }
  const supervise = async (): Promise<void> => {
    for (;;) {
      await child.ended;
      reaper.forget(child.pid);
      await delay(restartPauseMs);
      await held?.promise;
      if (closed) return;
      child = await launch();
    }
  };
  const supervised = supervise();
  options.closing.defer(async () => {
    closed = true;
    held?.resolve();
    signalProcess(child, "SIGCONT");
    await endProcess({ ...child, name, signal: options.endWith }, closeWithinMs);
    await supervised;
  });

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
      await eventually(`${name} to be ready; its log is ${logFile}`, options.isReady, withinMs);
    },
    isReady: options.isReady,
  };
}
