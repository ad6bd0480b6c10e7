/** Looks at one thing again and again, and knows what the last successful check saw. */
export type PeriodicCheck<T> = {
  /** What was seen, and when the check began, by `performance.now()`; `undefined` when nothing was seen since `start`. */
  readonly seen: () => CheckResult<T> | undefined;
  /** Why the last check failed, or `undefined` when it did not. */
  readonly failure: () => string | undefined;
  /** Forgets what was seen and begins to check. */
  start(): void;
  /** Forgets what was seen and looks no more. */
  stop(): void;
};

type CheckResult<T> = { readonly value: T; readonly began: number };

export type CheckOptions<T> = {
  readonly check: () => Promise<T>;
  /** Milliseconds from the beginning of one check to that of the next; a slow check delays none that follow. */
  readonly everyMs: (seen: CheckResult<T> | undefined) => number;
  /** Told after each check that was not overtaken, successful or not. */
  readonly onChange: () => void;
};

export function createPeriodicCheck<T>({ check, everyMs, onChange }: CheckOptions<T>): PeriodicCheck<T> {
  let seen: CheckResult<T> | undefined;
  let failure: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  // A check that began before the last start says nothing of what there is now.
  let starts = 0;

  const checkOnce = async (): Promise<void> => {
    const [began, mine] = [performance.now(), starts];
    timer = setTimeout(() => void checkOnce(), everyMs(seen));
    try {
      const value = await check();
      if (mine !== starts || (seen !== undefined && seen.began > began)) return;
      seen = { value, began };
      failure = undefined;
    } catch (error) {
      if (mine !== starts) return;
      failure = error instanceof Error ? error.message : String(error);
    }
    onChange();
  };
  const reset = (): void => {
    clearTimeout(timer);
    starts += 1;
    seen = undefined;
    failure = undefined;
  };
  return {
    seen: () => seen,
    failure: () => failure,
    start() {
      reset();
      void checkOnce();
    },
    stop: reset,
  };
}
