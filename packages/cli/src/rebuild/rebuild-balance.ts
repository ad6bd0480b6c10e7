import { messageIdOf } from "@takings/domain";
import {
  type BalanceObjectKey,
  type ContradictingReading,
  correctBalance,
  createPayloadCodec,
  quarantineReadings,
  rebuildBalanceRollup,
  type Verification,
} from "@takings/postgres";
import type { Pool } from "../connections/database.ts";
import { createProgressLog } from "../progress-log.ts";

/** What one pass compared and corrected. */
export type BalancePass = {
  /** Balance transactions and payouts that were compared. */
  readonly compared: number;
  /** Those that differed from the events, and readings that contradict an earlier one. */
  readonly different: number;
  readonly corrected: number;
  /** Whether the sums differed from the transactions and so were rebuilt. */
  readonly rollupRebuilt: boolean;
  /** Readings that contradict an earlier one and could not be put into quarantine. */
  readonly refused: readonly string[];
};

/** Corrected per transaction. Recordings of payouts wait for it: a fraction of a second. */
const chunkSize = 200;
/** Corrected together with the sums: one transaction of some seconds. */
const maxWithRollup = 20_000;

/**
 * Compares the balance and its sums on one snapshot and corrects what differs, in chunks with a short transaction each.
 * Each object is derived again under its lock, so concurrent traffic does no harm. It can be interrupted and repeated at
 * any time: after each commit the sums match the transactions.
 */
export async function rebuildBalance(pool: Pool, store: Verification): Promise<BalancePass> {
  const codec = createPayloadCodec();
  const rollupRebuilt = (await store.checkBalanceRollup()).length > 0;
  const progress = createProgressLog("balance transactions and payouts", 100_000);
  let [compared, different, corrected] = [0, 0, 0];
  // As in the ledger: what was altered behind the sums is corrected together with them.
  let isWithRollup = rollupRebuilt;
  let found: BalanceObjectKey[] = [];
  const contradicting: ContradictingReading[] = [];
  const correct = async (): Promise<void> => {
    const chunk = found;
    found = [];
    corrected += isWithRollup ? await rebuildBalanceRollup(pool, chunk) : await correctBalance(pool, chunk);
    isWithRollup = false;
  };
  for await (const result of store.balance()) {
    if ("compared" in result) {
      compared += result.compared;
      progress(compared);
      continue;
    }
    different += 1;
    if ("contradicting" in result) contradicting.push(result.contradicting);
    else found.push(result.different.object);
    if (found.length >= (isWithRollup ? maxWithRollup : chunkSize)) await correct();
  }
  if (found.length > 0 || isWithRollup) await correct();
  const { refused } = await quarantineReadings(pool, codec, contradicting);
  return {
    compared,
    different: different - refused.length,
    corrected,
    rollupRebuilt,
    refused: refused.map((reading) => `${messageIdOf(reading)} ${reading.reason}`),
  };
}
