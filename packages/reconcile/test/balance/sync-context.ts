import { createBalanceLimits, createStripeBalance, syncBalance, type SyncReport } from "@takings/reconcile";
import {
  type ApiObject,
  balancePermissions,
  type FakeBalanceApi,
  fakeBalanceApi,
  type FakeBalanceApiOptions,
  objectsWrittenDown,
  type WrittenObjects,
} from "@takings/simulator";
import { type MemoryLedger, memoryLedger } from "./memory-ledger.ts";

/** The key of the tests. */
export const apiKey = "rk_test_secret0fake";
const dayMs = 86_400_000;

/** A fake of Stripe with the lists of the platform, and a ledger in memory. */
export type SyncContext = AsyncDisposable & {
  readonly stripe: FakeBalanceApi;
  readonly written: WrittenObjects;
  readonly ledger: MemoryLedger;
  /** Does a sync of the platform in test mode. */
  sync(options?: SyncOptions): Promise<SyncReport>;
};

/** How a sync differs from the default. */
type SyncOptions = {
  readonly from?: Date;
  readonly stopping?: AbortSignal;
  readonly maxFailingMs?: number;
  readonly maxIdleMs?: number;
  readonly responseTimeoutMs?: number;
};

/** Starts the fake. */
export async function syncContext(
  options: Partial<FakeBalanceApiOptions> & { readonly written?: WrittenObjects } = {},
): Promise<SyncContext> {
  const written = options.written ?? { balance_transactions: [], payouts: [], members: new Map() };
  const stripe = await fakeBalanceApi({
    accounts: new Map([[null, objectsWrittenDown(written)]]),
    keys: new Map([[apiKey, Object.values(balancePermissions)]]),
    ...options,
  });
  const ledger = memoryLedger();
  const limits = createBalanceLimits();
  return {
    stripe,
    written,
    ledger,
    sync: ({ from, stopping = new AbortController().signal, ...limitsOfTime } = {}) =>
      syncBalance(
        { source: "default", account: null, livemode: false },
        { from, overlapMs: 3 * dayMs },
        {
          openStripe: (ending) =>
            createStripeBalance({
              apiKey,
              apiUrl: new URL(stripe.url),
              account: null,
              limits,
              stopping: ending,
              ...limitsOfTime,
            }),
          store: ledger.store,
          publish: ledger.publish,
          now: () => new Date(),
          stopping,
          onProgress: () => {},
          ...limitsOfTime,
        },
      ),
    [Symbol.asyncDispose]: () => stripe[Symbol.asyncDispose](),
  };
}

/** A charge of the given amount; `created` is Unix seconds. */
export function charge(id: string, created: number, fields: Partial<ApiObject> = {}): ApiObject {
  return {
    id,
    object: "balance_transaction",
    amount: 1_000n,
    fee: 59n,
    net: 941n,
    available_on: created + 172_800,
    created,
    currency: "usd",
    description: null,
    reporting_category: "charge",
    source: `ch_${id}`,
    status: "pending",
    type: "charge",
    ...fields,
  };
}

/** An automatic payout that is reconciled. */
export function payout(id: string, created: number, fields: Partial<ApiObject> = {}): ApiObject {
  return {
    id,
    object: "payout",
    amount: 941n,
    arrival_date: created + 86_400,
    automatic: true,
    created,
    currency: "usd",
    reconciliation_status: "completed",
    status: "paid",
    trace_id: null,
    ...fields,
  };
}
