import type { Pool } from "pg";
import { withTransactionRestarts } from "./restart-transaction.ts";
import { correct } from "./correct-payments.ts";
import { inTransaction } from "./in-transaction.ts";
import { retryOnContention } from "./retry-on-contention.ts";
import type { ComparedPayment } from "./compared-payments.ts";

/**
 * Makes the rollup anew from the ledger and puts payments of the ledger right, both or neither. Readers see the old ones
 * until the new ones are whole. Where somebody has altered the ledger but not the rollup, either of the two alone would
 * make a total wrong that was right. Needs the rights of the tables' owner.
 * @returns how many entries were put right.
 * @throws TakingsError `unavailable` when other sessions stay in the way: nothing was changed then.
 */
export function rebuildRollup(pool: Pool, payments: readonly ComparedPayment[] = []): Promise<number> {
  return retryOnContention("making the rollup anew", () =>
    withTransactionRestarts(() =>
      inTransaction(pool, async (client) => {
        // Where this process is killed, its session must not work on and hold the rollup's row.
        await client.query("set local work_mem = '256MB'; set local client_connection_check_interval = '1s'");
        await client.query("select takings.rebuild_rollup()");
        return correct(client, payments);
      }),
    ),
  );
}
