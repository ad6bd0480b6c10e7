import { type Logger, pause } from "@takings/runtime";

export type BackgroundLoop = {
  /** Resolves when the step in progress has ended. */
  stop(): Promise<void>;
};

export type BackgroundLoopOptions = {
  /** Does a piece of the work and returns how much it did; 0 when there was none. */
  readonly step: () => Promise<number>;
  /** How long to wait when there was no work. */
  readonly pauseMs: number;
  /** The log message when a step fails; the work is tried again after the pause. */
  readonly failure: string;
  readonly log: Logger;
};

/** Does work that follows from the batches without delaying any of them. */
export function startBackgroundLoop({ step, pauseMs, failure, log }: BackgroundLoopOptions): BackgroundLoop {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const done = await step().catch((error: unknown) => {
        log.warn({ reason: error instanceof Error ? error.message : error }, failure);
        return 0;
      });
      if (done === 0) await pause(pauseMs, stopping.signal);
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
