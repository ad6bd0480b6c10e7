/** Looks at one thing again and again, and knows what the last successful look saw. */
export type PeriodicLook<T> = {
  /** What was seen, and when the look began, by `performance.now()`; `undefined` when nothing was seen since `start`. */
  readonly seen: () => Sight<T> | undefined;
  /** Why the last look failed, or `undefined` when it did not. */
  readonly trouble: () => string | undefined;
  /** Forgets what was seen and begins to look. */
  start(): void;
  /** Forgets what was seen and looks no more. */
  stop(): void;
};

type Sight<T> = { readonly value: T; readonly began: number };

export type LookOptions<T> = {
  readonly look: () => Promise<T>;
  /** Milliseconds from the beginning of one look to that of the next; a slow look delays none that follow. */
  readonly everyMs: (seen: Sight<T> | undefined) => number;
  /** Told after each look that was not overtaken, successful or not. */
  readonly onChange: () => void;
};

export function createPeriodicLook<T>({ look, everyMs, onChange }: LookOptions<T>): PeriodicLook<T> {
  let seen: Sight<T> | undefined;
  let trouble: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  // A look that began before the last start says nothing of what there is now.
  let starts = 0;

  const lookOnce = async (): Promise<void> => {
    const [began, mine] = [performance.now(), starts];
    timer = setTimeout(() => void lookOnce(), everyMs(seen));
    try {
      const value = await look();
      if (mine !== starts || (seen !== undefined && seen.began > began)) return;
      seen = { value, began };
      trouble = undefined;
    } catch (error) {
      if (mine !== starts) return;
      trouble = error instanceof Error ? error.message : String(error);
    }
    onChange();
  };
  const reset = (): void => {
    clearTimeout(timer);
    starts += 1;
    seen = undefined;
    trouble = undefined;
  };
  return {
    seen: () => seen,
    trouble: () => trouble,
    start() {
      reset();
      void lookOnce();
    },
    stop: reset,
  };
}
