import { setTimeout as delay } from "node:timers/promises";

/** How to extend ack-wait, and until when. */
export type BufferExtensionOptions<T> = {
  readonly extend: (waiting: readonly T[]) => Promise<void>;
  readonly intervalMs: () => number;
  readonly stopped: AbortSignal;
};

/** Extends what waits in a buffer at intervals, from `start` until it is empty or it is stopped. */
export function createBufferExtension<T>(
  buffered: readonly T[],
  { extend, intervalMs, stopped }: BufferExtensionOptions<T>,
): {
  /** Something waits now. */
  start(): void;
  /** Resolves when nothing is being extended any more. */
  ended(): Promise<void>;
} {
  let running: Promise<void> | undefined;
  const repeat = async (): Promise<void> => {
    while (buffered.length > 0) {
      await delay(intervalMs(), undefined, { signal: stopped }).catch(() => {});
      if (stopped.aborted) return;
      await extend([...buffered]);
    }
    running = undefined;
  };
  return {
    start: () => void (running ??= repeat()),
    ended: async () => running,
  };
}
