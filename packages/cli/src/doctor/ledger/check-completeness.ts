import { defaultSource, type LedgerScope } from "@takings/domain";
import { createPaymentReader, readBalanceState } from "@takings/postgres";
import type { Environment } from "@takings/runtime";
import { type Check, type Finding, notAsked, ok, todo } from "../check.ts";
import type { Connections } from "../connections.ts";
import { databaseCheck } from "../database/database-check.ts";
import { readStripeKey } from "../stripe-key.ts";

const hourMs = 3_600_000;
/** As the alert TakingsReconcileStale. */
const reconcileLimitMs = 48 * hourMs;
/** As the alert TakingsBalanceSyncStale. */
const balanceLimitMs = 24 * hourMs;

/** Whether the comparison with Stripe and the balance are recent and agree. @param now by the clock of this process. */
export function completenessChecks(
  connections: Connections,
  environment: Environment,
  now: () => Date,
): readonly Check[] {
  return [
    databaseCheck(connections, "ledger/reconcile", async ({ pool }) => {
      const known = await createPaymentReader(pool).reconciliations();
      if (known.length === 0) return neverReconciled(environment);
      const differing = known.filter(({ missing, different }) => missing + different > 0);
      if (differing.length > 0)
        return todo(
          `the ledger differs from Stripe in ${differing.map(({ missing, different, ...scope }) => `${missing + different} objects of ${nameOf(scope)}`).join(", ")}`,
          "docs/runbooks/TakingsReconcileMissing.md",
        );
      const stale = known.filter(({ completeThrough }) => ageMs(completeThrough, now) > reconcileLimitMs);
      if (stale.length > 0)
        return todo(
          `not compared with Stripe for two days: ${stale.map(nameOf).join(", ")}`,
          "docs/runbooks/TakingsReconcileStale.md",
        );
      return ok(
        `equal to Stripe up to ${known.map(({ completeThrough, ...scope }) => `${completeThrough} (${nameOf(scope)})`).join(", ")}`,
      );
    }),
    databaseCheck(connections, "ledger/balance", async ({ pool }) => {
      const { scopes, unexplained } = await readBalanceState(pool);
      if (scopes.length === 0) return notAsked("takings balance sync was never run, so there is no balance");
      const stale = scopes.filter(
        ({ completeThrough }) =>
          completeThrough === undefined || now().getTime() - completeThrough * 1_000 > balanceLimitMs,
      );
      if (stale.length > 0)
        return todo(
          `the balance has not been complete for a day: ${stale.map(nameOf).join(", ")}`,
          "docs/runbooks/TakingsBalanceSyncStale.md",
        );
      const payouts = unexplained.reduce((sum, one) => sum + one.payouts, 0);
      return payouts === 0
        ? ok(`complete for ${scopes.map(nameOf).join(", ")}; every payout is explained`)
        : todo(`${payouts} payouts differ from their members`, "docs/runbooks/TakingsPayoutUnexplained.md");
    }),
  ];
}

function neverReconciled(environment: Environment): Finding {
  if (readStripeKey(environment) === undefined)
    return notAsked("takings reconcile was never run, and STRIPE_API_KEY is not set");
  return todo(
    "the ledger was never compared with Stripe, so events that were not delivered are unknown",
    "run takings reconcile daily: docs/reconcile.md",
  );
}

function ageMs(moment: string, now: () => Date): number {
  return now().getTime() - Date.parse(moment);
}

function nameOf({ source, account, livemode }: LedgerScope): string {
  const ofSource = source === defaultSource ? "" : ` of source ${source}`;
  return `${account ?? "platform"}${ofSource}, ${livemode ? "live" : "test"} mode`;
}
