import { monitorEventLoopDelay } from "node:perf_hooks";

/** How far behind the process is with everything. */
export type LoopLoad = {
  /** Whether, on average over the last moment, the event loop came round later than the limit. */
  isBehind(): boolean;
  stop(): void;
};

export type LoopLimits = {
  /** Milliseconds by which the loop may be late. */
  readonly lateMs: number;
  /** How long a moment is; also how soon the process is taken to have caught up. */
  readonly windowMs: number;
};

/** How often the delay is sampled, in milliseconds. */
const resolutionMs = 20;

/**
 * Watches the event loop. When it is this late, what waits is late already, and taking in more only makes all of it
 * later: better to say so at once, so that the sender comes again.
 */
export function watchLoop({ lateMs, windowMs }: LoopLimits): LoopLoad {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let behind = false;
  const timer = setInterval(() => {
    // What is measured is the time between two samples, in nanoseconds, of which the resolution is no delay. Without
    // any sample the loop has not come round at all.
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
