import type { PaymentReader } from "@takings/domain";

type Reconciliations = Awaited<ReturnType<PaymentReader["reconciliations"]>>;

/** An answer about revenue waits no longer for what is only told beside it. */
const maxWaitMs = 250;

/**
 * What is known of the reconciliations now, or where that cannot be read soon, what was known last; never fails. Those
 * who reconcile may lock their table, and the answers about totals must not wait for them: so at most one reading is
 * in progress, and while it is late nobody waits for it.
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
        // The watch over the reconciliations says so in the log.
        () => {},
      )
      .finally(() => {
        reading = undefined;
        isLate = false;
      });

  return async () => {
    // Whoever joins a reading would be told what was there before they asked.
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
