import type { Pool } from "pg";
import { withTransactionRestarts } from "../session/restart-transaction.ts";
import { correct } from "../rebuild/correct-payments.ts";
import { inTransaction } from "../session/in-transaction.ts";
import { retryOnContention } from "../session/retry-on-contention.ts";
import type { ComparedPayment } from "../rebuild/compared-payments.ts";

/**
 * Rebuilds the rollup from the ledger and corrects payments of the ledger, in one transaction. If the ledger was altered
 * and the rollup was not, either step alone would make a correct total wrong. Readers see the
 * previous state until the commit. Must run as the owner of the tables.
 * @returns how many entries were corrected.
 * @throws TakingsError `unavailable` when other sessions prevent it: nothing was changed.
 */
export function rebuildRollup(pool: Pool, payments: readonly ComparedPayment[] = []): Promise<number> {
  return retryOnContention("rebuilding the rollup", () =>
    withTransactionRestarts(() =>
      inTransaction(pool, async (client) => {
        // If this process is killed, its session must not continue and hold the row of the watermark.
        await client.query("set local work_mem = '256MB'; set local client_connection_check_interval = '1s'");
        await client.query("select takings.rebuild_rollup()");
        return correct(client, payments);
      }),
    ),
  );
}
