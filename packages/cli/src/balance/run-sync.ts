import type { LedgerScope } from "@takings/domain";
import { createEventPublisher, openLink } from "@takings/nats";
import { withBalanceSyncStores } from "@takings/postgres";
import { createBalanceLimits, createStripeBalance, syncBalance, type SyncReport } from "@takings/reconcile";
import { forEachScope } from "./for-each-scope.ts";
import { openProgressLog } from "./report.ts";
import type { BalanceSettings } from "./settings.ts";

/** What to read. */
export type SyncOptions = {
  readonly scopes: readonly LedgerScope[];
  /** The creation time from which to read; `undefined`: from where the last round ended. */
  readonly from: Date | undefined;
};

const connectTimeoutMs = 10_000;
const ackTimeoutMs = 5_000;

/**
 * Does a round of each scope, several at the same time. Calls `onReport` after each that is complete; a scope that fails does
 * not stop the others, unless Stripe refuses the key.
 * @throws Error with one sentence; where several scopes were to be read, reasons were printed when they happened.
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
    await withBalanceSyncStores(settings.databaseUrl, scopes, (storeOf) => {
      const syncScope = async (scope: LedgerScope, ending: AbortSignal): Promise<void> => {
        const request = { from, overlapMs: settings.overlapMs };
        const report = await syncBalance(scope, request, {
          openStripe: (signal) =>
            createStripeBalance({ ...settings, account: scope.account, limits, stopping: signal }),
          store: storeOf(scope),
          publish: ({ id, type, body }) =>
            publisher.publish({ id, source: scope.source, type, body, headers: {} }),
          now: () => new Date(),
          stopping: ending,
          onProgress: (now) => progress.update(scope, now),
        });
        onReport(scope, report);
      };
      const say = (line: string): void => void process.stderr.write(`takings: ${line}\n`);
      return forEachScope(scopes, syncScope, { stopping, say });
    });
  } finally {
    await link.close();
  }
}
