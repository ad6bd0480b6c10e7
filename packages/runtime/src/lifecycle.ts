import { ConfigError } from "./config.ts";
import type { Logger } from "./logger.ts";

/** The parts of a running service, which are released in the reverse order of their creation. */
export type Scope = {
  /** Aborts when the service is asked to stop. */
  readonly stopping: AbortSignal;
  /** Registers what to release when the service stops. The last one registered is released first. */
  onStop(name: string, release: () => unknown): void;
  /** Releases everything and exits 1: for errors that the service cannot survive. */
  fail(reason: string, error: unknown): void;
};

export type RunOptions = {
  /** Milliseconds from the signal to stop until the process exits no matter what. */
  readonly graceMs: number;
  /** Starts the service. Exits 1 when it throws, for a {@link ConfigError} with its message alone. */
  readonly start: (scope: Scope) => Promise<Logger>;
};

/**
 * Runs a service until SIGTERM or SIGINT: then releases its parts, newest first, and exits 0. A second signal, an
 * uncaught error or the end of the grace period exits 1; what was not committed by then is not acknowledged.
 */
export async function run(options: RunOptions): Promise<void> {
  const stopping = new AbortController();
  const releases: { name: string; release: () => unknown }[] = [];
  let log: Logger | undefined;
  let stopped: Promise<void> | undefined;

  const stop = (exitCode: number): Promise<void> => {
    stopped ??= (async () => {
      setTimeout(() => exit("grace period is over", 1), options.graceMs).unref();
      stopping.abort();
      for (const { name, release } of releases.toReversed()) {
        try {
          await release();
        } catch (err) {
          log?.error({ err, component: name }, "release_failed");
        }
      }
      exit("stopped", exitCode);
    })();
    return stopped;
  };
  const exit = (reason: string, code: number): void => {
    log?.info({ reason, exit_code: code }, "exit");
    process.exit(code);
  };
  const fail = (reason: string, err: unknown): void => {
    log?.fatal({ err }, reason);
    void stop(1);
  };

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopped !== undefined) exit(`second ${signal}`, 1);
      log?.info({ signal }, "stopping");
      void stop(0);
    });
  }
  process.on("uncaughtException", (err) => fail("uncaught_exception", err));

  try {
    log = await options.start({
      stopping: stopping.signal,
      onStop: (name, release) => releases.push({ name, release }),
      fail,
    });
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError ? error.message : describe(error)}\n`);
    await stop(1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
