import { defaultSource, type LedgerScope, TakingsError } from "@takings/domain";
import { z } from "zod";
import { scopeKey } from "../ledger/payment-objects.ts";
import { readError } from "../session/database-errors.ts";
import { openClient } from "../session/open-client.ts";
import { releaseLocks } from "../session/release-locks.ts";
import { serialQueries } from "../session/serial-queries.ts";

/** The right to sync some scopes. One connection holds it for all of them; if that breaks, the right is lost. */
export type SyncLock = AsyncDisposable & {
  /** @throws TakingsError `unavailable` when the lock is lost, so that nothing more may be written. */
  requireHeld(): Promise<void>;
};

// In a transaction that lasts as long as the lock, because a pooler may give each transaction another session. It has
// neither a snapshot nor a transaction id, so it does not hold back vacuum.
const lockText = "select pg_try_advisory_xact_lock($1, hashtext($2)) as ours";
const lockRow = z.object({ ours: z.boolean() });
const lockSpace = 0x62616c73;
const statementTimeoutMs = 30_000;

/**
 * Takes the locks of scopes, because two rounds over one scope would overwrite each other's progress.
 * @throws TakingsError `unavailable` when another process syncs one of them.
 */
export async function takeSyncLock(url: string, scopes: readonly LedgerScope[]): Promise<SyncLock> {
  const holder = await openClient(url, { name: "balance-sync-lock", statementTimeoutMs }).catch(
    (cause: unknown) => {
      throw readError(cause, "the lock of a sync");
    },
  );
  const query = serialQueries(holder);
  const release = (): Promise<void> => releaseLocks(holder);
  try {
    await query("the lock of a sync", "begin", []);
    for (const scope of scopes) {
      const [row] = await query("the lock of a sync", lockText, [lockSpace, scopeKey(scope)]);
      if (lockRow.parse(row).ours) continue;
      throw new TakingsError(
        "unavailable",
        `another takings balance sync reads ${nameOf(scope)}; wait until it has finished`,
      );
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    async requireHeld() {
      await query("the lock of a sync", "select", []).catch((cause: unknown) => {
        const advice = "run takings balance sync again, which continues there";
        throw new TakingsError("unavailable", `the lock of this sync was lost: ${advice}`, { cause });
      });
    },
    [Symbol.asyncDispose]: release,
  };
}

function nameOf({ source, account, livemode }: LedgerScope): string {
  const ofSource = source === defaultSource ? "" : ` of source ${source}`;
  return `${account ?? "the platform"}${ofSource} in ${livemode ? "live" : "test"} mode`;
}
