import { TakingsError } from "@takings/domain";
import { type ComparedPayment, correctPayments, rebuildRollup, type Verification } from "@takings/postgres";
import type { Pool } from "../connections/database.ts";
import { createProgressLog } from "../progress-log.ts";
import { differencesOf } from "../verify/differences.ts";

/** What one pass compared and corrected. */
export type RebuildPass = {
  readonly entries: number;
  /** Entries and gaps that differed from the events. */
  readonly different: number;
  /** Entries that were corrected. */
  readonly corrected: number;
  /** Whether the rollup differed from the ledger and so was rebuilt. */
  readonly rollupRebuilt: boolean;
  /** Why some payments could not be corrected. */
  readonly failure: TakingsError | undefined;
};

/** Payments corrected per transaction. Queries wait for it: a fraction of a second. */
const chunkSize = 200;
/** Payments corrected together with the rollup: one transaction of some seconds. */
const maxWithRollup = 20_000;
/** After this many consecutive chunks that cannot be corrected, another session probably locks the whole table. */
const maxFailures = 3;

/**
 * Compares rollup and ledger on one snapshot and corrects what differs, payment by payment, in chunks with a short
 * transaction each. Each payment is derived again under its lock, so concurrent traffic does no harm. It can be
 * interrupted and repeated at any time: after each commit the totals match the ledger.
 */
export async function rebuildLedger(pool: Pool, store: Verification): Promise<RebuildPass> {
  const rollupRebuilt = (await store.checkRollup()).length > 0;
  const progress = createProgressLog("entries", 100_000);
  let [entries, different, corrected, failures] = [0, 0, 0, 0];
  let failure: TakingsError | undefined;
  // If the rollup differs, the first payments are corrected in the same transaction: if only the ledger was altered and
  // not the rollup, the totals are correct and must stay so.
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
