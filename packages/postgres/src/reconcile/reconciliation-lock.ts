import { type LedgerScope, TakingsError } from "@takings/domain";
import { scopeKey } from "../ledger/payment-objects.ts";
import { openClient } from "../session/open-client.ts";
import { releaseLocks } from "../session/release-locks.ts";

/** The right to reconcile a scope. A dedicated connection holds it; if that breaks, the right is lost. */
export type ReconciliationLock = AsyncDisposable & {
  /** @throws TakingsError `unavailable` when the lock is lost, so that nothing more may be written. */
  requireHeld(): Promise<void>;
};

// In a transaction that lasts as long as the lock, because a pooler may give each transaction another session. It has
// neither a snapshot nor a transaction id, so it does not hold back vacuum.
const lockText = "select pg_try_advisory_xact_lock($1, hashtext($2)) as ours";
const lockSpace = 0x7265636f;
const statementTimeoutMs = 30_000;

/**
 * Takes the lock of a scope, because two runs over one scope would overwrite each other's progress.
 * @throws TakingsError `unavailable` when another process reconciles this scope.
 */
export async function takeReconciliationLock(url: string, scope: LedgerScope): Promise<ReconciliationLock> {
  const holder = await openClient(url, { name: "reconcile-lock", statementTimeoutMs });
  const release = (): Promise<void> => releaseLocks(holder);
  try {
    await holder.query("begin");
    const { rows } = await holder.query<{ ours: boolean }>(lockText, [lockSpace, scopeKey(scope)]);
    if (rows[0]?.ours !== true) {
      throw new TakingsError(
        "unavailable",
        "another process is reconciling this source, account and mode; wait until it has finished",
      );
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    async requireHeld() {
      await holder.query("select").catch((cause: unknown) => {
        const advice = "run takings reconcile again, which continues there";
        throw new TakingsError("unavailable", `the lock of this reconciliation was lost: ${advice}`, {
          cause,
        });
      });
    },
    [Symbol.asyncDispose]: release,
  };
}
