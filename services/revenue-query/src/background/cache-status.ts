import type { PaymentReader } from "@takings/domain";

type Reconciliations = Awaited<ReturnType<PaymentReader["reconciliations"]>>;

/** How long a response about revenue waits for the reconciliation status, which only accompanies it. */
const maxWaitMs = 250;

/**
 * Reads the reconciliations, or returns the last known ones if they cannot be read soon; never fails. A running
 * `takings reconcile` may lock their table, and responses about totals must not wait for it. So at most one read is in
 * progress, and while it is late no response waits for it.
 */
export function cacheReconciliations(
  read: PaymentReader["reconciliations"],
): PaymentReader["reconciliations"] {
  let known: Reconciliations = [];
  let reading: Promise<void> | undefined;
  let isLate = false;

  const begin = (): Promise<void> =>
    read()
      .then(
        (found) => void (known = found),
        // The reconciliation watch logs the failure.
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
