import type { ClientRateLimitInfo, Store } from "express-rate-limit";

type Window = { hits: number; readonly endsAt: number };

/** The counts of requests. */
export type RequestWindows = Omit<Store, "get"> & {
  /** The requests of a caller in its window so far. */
  readonly get: (key: string) => ClientRateLimitInfo;
};

/**
 * Counts the requests of each caller in windows of one length, the first of which begins with the caller's first request.
 * The library's own store ends windows by the wall clock: one that is set back by an hour would keep a caller locked out
 * for that hour.
 */
export function createRequestWindows(windowMs: number): RequestWindows {
  // In the order in which they end, because all are equally long.
  const windows = new Map<string, Window>();
  const removeEnded = (now: number): void => {
    for (const [key, { endsAt }] of windows) {
      if (endsAt > now) return;
      windows.delete(key);
    }
  };
  const windowOf = (key: string, now: number): Window => {
    removeEnded(now);
    return windows.get(key) ?? { hits: 0, endsAt: now + windowMs };
  };
  // Whoever reads this subtracts the present time again.
  const infoOf = ({ hits, endsAt }: Window, now: number): ClientRateLimitInfo => ({
    totalHits: hits,
    resetTime: new Date(Date.now() + endsAt - now),
  });
  return {
    localKeys: true,
    get(key) {
      const now = performance.now();
      return infoOf(windowOf(key, now), now);
    },
    increment(key) {
      const now = performance.now();
      const window = windowOf(key, now);
      windows.set(key, window);
      window.hits += 1;
      return infoOf(window, now);
    },
    decrement(key) {
      const window = windows.get(key);
      if (window !== undefined) window.hits -= 1;
    },
    resetKey: (key) => void windows.delete(key),
  };
}
