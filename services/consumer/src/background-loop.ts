import { type Logger, pause } from "@takings/runtime";

/** A running background loop. */
export type BackgroundLoop = {
  /** Resolves when the step in progress has ended. */
  stop(): Promise<void>;
};

/** The work of a background loop, and how it is repeated. */
export type BackgroundLoopOptions = {
  /** Does some of the work, and returns whether a part of it is left that need not wait to become more. */
  readonly step: () => Promise<boolean>;
  readonly pauseMs: number;
  /** The log message when a step fails; it is retried after the pause. */
  readonly failure: string;
  readonly log: Logger;
};

/** Starts a loop for work that need not be done in the transaction of a batch, so that it delays none. */
export function startBackgroundLoop({ step, pauseMs, failure, log }: BackgroundLoopOptions): BackgroundLoop {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const isMoreLeft = await step().catch((error: unknown) => {
        log.warn({ reason: error instanceof Error ? error.message : error }, failure);
        return false;
      });
      if (!isMoreLeft) await pause(pauseMs, stopping.signal);
    }
  };
  const running = loop();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/**
 * Runs steps one after the other, also those after one that failed, and returns how much work all of them did.
 * @throws AggregateError with the messages of all that failed.
 */
export async function runEach(steps: readonly (() => Promise<number>)[]): Promise<number> {
  const failures: unknown[] = [];
  let done = 0;
  for (const step of steps) {
    done += await step().catch((error: unknown) => {
      failures.push(error);
      return 0;
    });
  }
  if (failures.length === 0) return done;
  throw new AggregateError(
    failures,
    failures.map((error) => (error instanceof Error ? error.message : String(error))).join("; "),
  );
}
