import { pause } from "@takings/runtime";

/** How a check is repeated. */
export type RepeatOptions = {
  /** The longest time from one check to the next; they are spread over the last fifth of it. */
  readonly intervalMs: number;
  readonly onFailure: (error: unknown) => void;
  readonly stopping: AbortSignal;
};

const firstRetryMs = 2_000;
/** Processes that start together do not stay together. */
const spread = 0.2;

/**
 * Repeats a check until it is stopped. After a failure it is repeated sooner, at first after 2 s, then after twice as long
 * each time, but never more than the interval. Resolves when the check in progress has ended.
 */
export async function repeatCheck(
  check: () => Promise<void>,
  { intervalMs, onFailure, stopping }: RepeatOptions,
): Promise<void> {
  let failures = 0;
  while (!stopping.aborted) {
    try {
      await check();
      failures = 0;
    } catch (error) {
      if (!stopping.aborted) onFailure(error);
      failures += 1;
    }
    await pause(pauseAfter(failures, intervalMs, Math.random()), stopping);
  }
}

/**
 * Milliseconds until the next check. @param failures how many checks failed since the last that did not.
 * @param random from 0 to 1.
 */
export function pauseAfter(failures: number, intervalMs: number, random: number): number {
  const longestMs = failures === 0 ? intervalMs : firstRetryMs * 2 ** (failures - 1);
  return Math.min(longestMs, intervalMs) * (1 - spread * random);
}
