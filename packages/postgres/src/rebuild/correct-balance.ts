import type { Pool, PoolClient } from "pg";
import { deriveBalanceAgain } from "../balance/change-balance.ts";
import { lockWholeBalance } from "../balance/lock-balance.ts";
import type { BalanceObjectKey } from "../balance/said-fact.ts";
import { beginRecording } from "../record/recorded-time.ts";
import { inTransaction } from "../session/in-transaction.ts";
import { withTransactionRestarts } from "../session/restart-transaction.ts";
import { retryOnContention } from "../session/retry-on-contention.ts";

/**
 * Replaces balance transactions and payouts by what follows from their events, in a recording. Previous versions are kept,
 * and the totals change with them. Must run as the owner of the tables.
 * @returns how many were corrected.
 * @throws TakingsError `unavailable` when other sessions prevent it: nothing was changed.
 */
export function correctBalance(pool: Pool, objects: readonly BalanceObjectKey[]): Promise<number> {
  return retryOnContention("correcting the balance", () =>
    withTransactionRestarts(() => inTransaction(pool, (client) => correct(client, objects))),
  );
}

/**
 * Computes the sums of the balance from its transactions and corrects some of these, in one transaction. If transactions
 * were altered and the sums were not, either step alone would make a correct sum wrong. Readers see the previous state
 * until the commit. Must run as the owner of the tables.
 * @returns how many balance transactions and payouts were corrected.
 * @throws TakingsError `unavailable` when other sessions prevent it: nothing was changed.
 */
export function rebuildBalanceRollup(pool: Pool, objects: readonly BalanceObjectKey[] = []): Promise<number> {
  return retryOnContention("rebuilding the sums of the balance", () =>
    withTransactionRestarts(() =>
      inTransaction(pool, async (client) => {
        // If this process is killed, its session must not continue and hold the row of the watermark.
        await client.query("set local work_mem = '256MB'; set local client_connection_check_interval = '1s'");
        await client.query("select takings.rebuild_balance_rollup()");
        return correct(client, objects);
      }),
    ),
  );
}

async function correct(client: PoolClient, objects: readonly BalanceObjectKey[]): Promise<number> {
  if (objects.length === 0) return 0;
  const locked = await lockWholeBalance(client, objects);
  return deriveBalanceAgain(client, locked, objects, await beginRecording(client));
}
