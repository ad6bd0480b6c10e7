import type { Logger } from "@takings/runtime";
import { pause } from "./pause.ts";

export type MeterKeeper = { stop(): Promise<void> };

export type KeeperDependencies = {
  /** Reads some of what is pending into the meter and tells how much that was. */
  readonly advance: () => Promise<number>;
  readonly log: Logger;
};

const pauseMs = 1_000;

/**
 * Keeps the meter close behind the ledger, apart from the batches: it holds up none, and a failure only leaves more
 * for the next time.
 */
export function keepMeter({ advance, log }: KeeperDependencies): MeterKeeper {
  const stopping = new AbortController();
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const taken = await advance().catch((error: unknown) => {
        log.warn({ reason: error instanceof Error ? error.message : error }, "meter_not_advanced");
        return 0;
      });
      if (taken === 0) await pause(pauseMs, stopping.signal);
    }
  };
  const keeping = keep();
  return {
    async stop() {
      stopping.abort();
      await keeping;
    },
  };
}
