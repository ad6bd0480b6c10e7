import type { Logger } from "@takings/runtime";
import { pause } from "./pause.ts";

export type BackgroundLoop = { stop(): Promise<void> };

export type BackgroundLoopOptions = {
  /** Does some of the work and tells how much that was; 0 when there is none at present. */
  readonly step: () => Promise<number>;
  /** How long to rest when there is no work. */
  readonly pauseMs: number;
  /** The log message when a step fails; what is left is done another time. */
  readonly failure: string;
  readonly log: Logger;
};

/** Keeps up with work that follows from the batches, apart from them: it holds up none. */
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
