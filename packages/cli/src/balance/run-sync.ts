import type { LedgerScope } from "@takings/domain";
import { createEventPublisher, openLink } from "@takings/nats";
import { withBalanceSyncStores } from "@takings/postgres";
import { createBalanceLimits, createStripeBalance, syncBalance, type SyncReport } from "@takings/reconcile";
import { nameOf, openProgressLog } from "./report.ts";
import type { BalanceSettings } from "./settings.ts";

/** What to read. */
export type SyncOptions = {
  readonly scopes: readonly LedgerScope[];
  /** The creation time from which to read; `undefined`: from where the last round ended. */
  readonly from: Date | undefined;
};

const connectTimeoutMs = 10_000;
const ackTimeoutMs = 5_000;
/** Most accounts are small, and most of their time is waiting. */
const maxParallel = 8;

/**
 * Does a round of each scope, several at the same time. Calls `onReport` after each that is complete; a scope that fails does
 * not stop the others.
 * @throws Error with a sentence for each scope that failed.
 */
export async function runSync(
  settings: BalanceSettings,
  { scopes, from }: SyncOptions,
  stopping: AbortSignal,
  onReport: (scope: LedgerScope, report: SyncReport) => void,
): Promise<void> {
  const limits = createBalanceLimits();
  const link = await openLink({ ...settings.nats, name: "reconcile" });
  try {
    await link.connected(connectTimeoutMs);
    const publisher = createEventPublisher(link, { ackTimeoutMs });
    using progress = openProgressLog(() => limits.balance_transaction.sent() + limits.payout.sent());
    await withBalanceSyncStores(settings.databaseUrl, scopes, (storeOf) =>
      forEach(scopes, async (scope) => {
        const request = { from, overlapMs: settings.overlapMs };
        const report = await syncBalance(scope, request, {
          openStripe: (ending) =>
            createStripeBalance({ ...settings, account: scope.account, limits, stopping: ending }),
          store: storeOf(scope),
          publish: ({ id, type, body }) => publisher.publish({ id, type, body, headers: {} }),
          now: () => new Date(),
          stopping,
          onProgress: (now) => progress.update(scope, now),
        });
        onReport(scope, report);
      }),
    );
  } finally {
    await link.close();
  }
}

/** Does work for each scope, a bounded number at the same time, and fails after all are done. */
async function forEach(
  scopes: readonly LedgerScope[],
  work: (scope: LedgerScope) => Promise<void>,
): Promise<void> {
  const failures: string[] = [];
  const queue = scopes.values();
  const next = async (): Promise<void> => {
    for (const scope of queue) {
      await work(scope).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        failures.push(scopes.length === 1 ? reason : `${nameOf(scope)}: ${reason}`);
      });
    }
  };
  await Promise.all(Array.from({ length: maxParallel }, next));
  if (failures.length > 0) throw new Error(failures.join("\n"));
}
