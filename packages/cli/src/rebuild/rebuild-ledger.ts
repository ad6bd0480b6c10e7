import { TakingsError } from "@takings/domain";
import { type ComparedPayment, correctPayments, rebuildRollup, type Verification } from "@takings/postgres";
import { createProgressLog } from "../stored-events/recount-events.ts";
import { differencesOf } from "../verify/verify-command.ts";

type Pool = Parameters<typeof correctPayments>[0];

/** What one comparison found, and what was done about it. */
export type RebuildPass = {
  readonly entries: number;
  /** Entries and gaps that were not what the events make. */
  readonly different: number;
  /** Entries that were put right. */
  readonly corrected: number;
  /** Whether the rollup was not what the ledger adds up to, so that it was made anew. */
  readonly rollupRebuilt: boolean;
  /** Why some could not be corrected. */
  readonly failure: TakingsError | undefined;
};

/** One transaction puts so many payments right at most, and answers wait for it: a fraction of a second. */
const chunkSize = 200;
/** So many payments are put right together with a new rollup: still some seconds of one transaction. */
const maxWithRollup = 20_000;
/** So many chunks in a row that cannot be corrected have one cause: somebody holds the whole table. */
const maxFailures = 3;

/**
 * Compares rollup and ledger on one snapshot and puts right what differs, payment by payment, each chunk in a
 * short transaction of its own. Each payment is derived anew under its lock, so traffic beside it does no harm.
 * May be interrupted and repeated at any time: the totals are those of the ledger after every one of its commits.
 */
export async function rebuildLedger(pool: Pool, store: Verification): Promise<RebuildPass> {
  const rollupRebuilt = (await store.checkRollup()).length > 0;
  const progress = createProgressLog("entries", 100_000);
  let [entries, different, corrected, failures] = [0, 0, 0, 0];
  let failure: TakingsError | undefined;
  // Where the rollup differs, the first ones are corrected with it, because whoever altered the ledger and not the
  // rollup has left totals that are right and must stay so.
  let isWithRollup = rollupRebuilt;
  let found: ComparedPayment[] = [];
  const correct = async (): Promise<void> => {
    const chunk = found;
    found = [];
    if (isWithRollup) {
      corrected += await rebuildRollup(pool, chunk);
      isWithRollup = false;
      return;
    }
    try {
      corrected += await correctPayments(pool, chunk);
      failures = 0;
    } catch (error) {
      if (!(error instanceof TakingsError) || error.code !== "unavailable") throw error;
      failures += 1;
      if (failures === maxFailures) throw error;
      failure = error;
      corrected += await correctPayments(pool, chunk, { skipLocked: true });
    }
  };
  for await (const payment of store.payments()) {
    entries += payment.entries.length;
    progress(entries);
    const differences = differencesOf(payment).length;
    if (differences === 0) continue;
    different += differences;
    found.push(payment);
    if (found.length >= (isWithRollup ? maxWithRollup : chunkSize)) await correct();
  }
  if (found.length > 0 || isWithRollup) await correct();
  return { entries, different, corrected, rollupRebuilt, failure };
}
