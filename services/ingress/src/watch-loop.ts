import { monitorEventLoopDelay } from "node:perf_hooks";

/** Watches how late the event loop is, and with it all work of the process. */
export type LoopWatch = {
  /** Whether the average delay of the event loop in the last window is above the limit. */
  isBehind(): boolean;
  stop(): void;
};

/** When the event loop counts as behind. */
export type LoopLimits = {
  /** Milliseconds by which the loop may be delayed. */
  readonly lateMs: number;
  /** Milliseconds of one window; also how soon the process may be considered to have caught up. */
  readonly windowMs: number;
};

/** How often the delay is sampled, in milliseconds. */
const resolutionMs = 20;

/**
 * Monitors the event loop. When it is behind, everything that waits is late already, and accepting more makes all of it
 * later: refusing at once lets the sender retry.
 */
export function watchLoop({ lateMs, windowMs }: LoopLimits): LoopWatch {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let behind = false;
  const timer = setInterval(() => {
    // The histogram has the time between two samples, in nanoseconds; the resolution is not part of the delay. Without a
    // sample the loop was blocked for the whole window.
    behind = delays.count === 0 || delays.mean / 1e6 - resolutionMs > lateMs;
    delays.reset();
  }, windowMs);
  timer.unref();
  return {
    isBehind: () => behind,
    stop() {
      clearInterval(timer);
      delays.disable();
    },
  };
}
