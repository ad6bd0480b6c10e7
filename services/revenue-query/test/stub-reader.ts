import type { BalanceReader, PaymentReader } from "@takings/domain";

/** A reader of an empty database, with some of its methods replaced. */
export function stubReader(different: Partial<PaymentReader>): PaymentReader {
  return {
    safeReadTime: () => Promise.resolve("2024-06-01T00:00:00Z"),
    sums: () => Promise.resolve([]),
    extent: () => Promise.resolve(undefined),
    entries: () => Promise.resolve([]),
    changes: () => Promise.resolve([]),
    events: () => Promise.resolve([]),
    event: () => Promise.resolve(undefined),
    payment: () => Promise.resolve({ entries: [], events: [] }),
    gaps: () => Promise.resolve([]),
    find: () => Promise.resolve([]),
    platformsOf: () => Promise.resolve([]),
    reconciliations: () => Promise.resolve([]),
    ...different,
  };
}

/** A reader of an empty balance ledger, with some of its methods replaced. */
export function stubBalance(different: Partial<BalanceReader>): BalanceReader {
  return {
    balances: () => Promise.resolve([]),
    activity: () => Promise.resolve([]),
    transactions: () => Promise.resolve([]),
    payouts: () => Promise.resolve([]),
    payout: () => Promise.resolve(undefined),
    completeness: () => Promise.resolve([]),
    quarantined: () => Promise.resolve(0),
    ...different,
  };
}
