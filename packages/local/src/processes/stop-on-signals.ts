import { watchLaunchers } from "./watch-launchers.ts";

/** How a run is ended from outside. */
export interface RunControl {
  /** Ends the run in order. */
  readonly stop: () => Promise<void>;
  /** Ends it at once. */
  readonly kill: () => void;
  readonly say: (line: string) => void;
  /** Also stop when the package manager that started this process has ended. */
  readonly stopWithLaunchers: boolean;
}

// One Ctrl-C can arrive twice: from the terminal, and forwarded by the parent process.
const sameSignalMs = 500;

/**
 * Stops the run at the first SIGINT, SIGTERM or SIGHUP and then exits with `process.exitCode`, or `exitCode` where that is
 * not set yet; a second signal ends it at once and exits with 1.
 */
export function stopOnSignals(control: RunControl, exitCode = 0): void {
  let first: number | undefined;
  function stop(reason: string): void {
    first = performance.now();
    control.say(`Stopping (${reason}) …`);
    void control.stop().then(() => process.exit(process.exitCode ?? exitCode));
  }
  function onSignal(signal: string): void {
    if (first === undefined) stop(signal);
    else if (performance.now() - first > sameSignalMs) {
      control.kill();
      process.exit(1);
    }
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  if (!control.stopWithLaunchers) return;
  watchLaunchers(() => {
    if (first === undefined) stop("the package manager has ended");
  });
}
