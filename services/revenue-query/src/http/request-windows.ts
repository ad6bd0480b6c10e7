import type { Store } from "express-rate-limit";

type Window = { hits: number; readonly endsAt: number };

/**
 * Counts the requests of each caller in windows of one length, the first of which begins with the caller's first request.
 * The library's own store ends windows by the wall clock: one that is set back by an hour would keep a caller locked out
 * for that hour.
 */
export function createRequestWindows(windowMs: number): Store {
  // In the order in which they end, because all are equally long.
  const windows = new Map<string, Window>();
  const removeEnded = (now: number): void => {
    for (const [key, { endsAt }] of windows) {
      if (endsAt > now) return;
      windows.delete(key);
    }
  };
  return {
    localKeys: true,
    increment(key) {
      const now = performance.now();
      removeEnded(now);
      const window = windows.get(key) ?? { hits: 0, endsAt: now + windowMs };
      windows.set(key, window);
      window.hits += 1;
      // The library subtracts the present time again.
      return { totalHits: window.hits, resetTime: new Date(Date.now() + window.endsAt - now) };
    },
    decrement(key) {
      const window = windows.get(key);
      if (window !== undefined) window.hits -= 1;
    },
    resetKey: (key) => void windows.delete(key),
  };
}
