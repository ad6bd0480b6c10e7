/** How long a response waits for a status that only accompanies it. */
const maxWaitMs = 250;

/**
 * Reads a status, or returns the last known one, at first `initial`, if it cannot be read soon; never fails. A running
 * command may lock its table, and responses about money must not wait for it. So at most one read is in progress, and
 * while it is late no response waits for it.
 */
export function cacheStatus<Status>(read: () => Promise<Status>, initial: Status): () => Promise<Status> {
  let known = initial;
  let reading: Promise<void> | undefined;
  let isLate = false;

  const begin = (): Promise<void> =>
    read()
      .then(
        (found) => void (known = found),
        // A watch logs the failure, or the response shows that the status is not known.
        () => {},
      )
      .finally(() => {
        reading = undefined;
        isLate = false;
      });

  return async () => {
    // A read that started before this request could return an older state.
    if (isLate) return known;
    reading ??= begin();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      isLate = reading !== undefined;
      late.resolve();
    }, maxWaitMs);
    await Promise.race([reading, late.promise]);
    clearTimeout(timer);
    return known;
  };
}
