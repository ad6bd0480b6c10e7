/** Measures for how long a request waited for at least one of its reads. */
export type ReadClock = {
  readonly during: <T>(read: () => Promise<T>) => Promise<T>;
  /** Milliseconds so far. */
  readonly ms: () => number;
};

/** Creates the clock of one request. Reads that run beside each other count once. */
export function createReadClock(): ReadClock {
  let running = 0;
  let began = 0;
  let total = 0;
  return {
    async during(read) {
      if (running === 0) began = performance.now();
      running += 1;
      try {
        return await read();
      } finally {
        running -= 1;
        if (running === 0) total += performance.now() - began;
      }
    },
    ms: () => total,
  };
}
