/** Runs one check periodically and remembers the last successful result. */
export type PeriodicCheck<T> = {
  /** The last successful result; `undefined` when no check has succeeded since `start`. */
  readonly last: () => CheckResult<T> | undefined;
  /** Why the most recent check, or its `onSuccess`, failed; `undefined` when it succeeded. */
  readonly failure: () => string | undefined;
  /** Discards earlier results, runs the check at once and then at intervals. */
  start(): void;
  /** Discards earlier results and runs no further check. One that is running is ignored when it ends. */
  stop(): void;
};

/** What a check returned, and when it began, by `performance.now()`. */
export type CheckResult<T> = { readonly value: T; readonly began: number };

export type CheckOptions<T> = {
  readonly check: () => Promise<T>;
  /** Milliseconds from the start of one check to the start of the next. */
  readonly intervalMs: number | ((last: CheckResult<T> | undefined) => number);
  /** How many checks may run at the same time; while so many do, no further one starts. 1 by default. */
  readonly maxRunning?: number;
  readonly onSuccess?: (value: T) => void;
  readonly onFailure?: (reason: string, error: unknown) => void;
};

/** Creates a check that does nothing until it is started; it may be started again after a stop. */
export function createPeriodicCheck<T>(options: CheckOptions<T>): PeriodicCheck<T> {
  const { check, intervalMs, maxRunning = 1, onSuccess, onFailure } = options;
  let last: CheckResult<T> | undefined;
  let failure: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running = 0;
  // Results of checks that began before the latest start or stop are discarded.
  let generation = 0;

  const fail = (error: unknown): void => {
    failure = reasonOf(error);
    onFailure?.(failure, error);
  };
  const runOnce = async (): Promise<void> => {
    const [began, mine] = [performance.now(), generation];
    running += 1;
    const outcome = await outcomeOf(check);
    if (mine !== generation) return;
    running -= 1;
    if ("error" in outcome) return fail(outcome.error);
    if (last !== undefined && last.began > began) return;
    last = { value: outcome.value, began };
    failure = undefined;
    try {
      onSuccess?.(outcome.value);
    } catch (error) {
      fail(error);
    }
  };
  const repeat = (): void => {
    timer = setTimeout(repeat, typeof intervalMs === "number" ? intervalMs : intervalMs(last));
    if (running < maxRunning) void runOnce();
  };
  const reset = (): void => {
    clearTimeout(timer);
    generation += 1;
    running = 0;
    last = undefined;
    failure = undefined;
  };
  return {
    last: () => last,
    failure: () => failure,
    start() {
      reset();
      repeat();
    },
    stop: reset,
  };
}

async function outcomeOf<T>(
  check: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await check() };
  } catch (error) {
    return { error };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
