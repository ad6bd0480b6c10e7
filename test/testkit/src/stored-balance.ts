import type { StoredPayout, StoredTransaction } from "./record-balance.ts";

const dayMs = 86_400_000;
const firstOfMarch = Date.UTC(2024, 2, 1);

/** A charge of ten dollars without a fee, of March 2024 and available at once, with the given differences. */
export function storedCharge(different: Partial<StoredTransaction> = {}): StoredTransaction {
  const created = different.created ?? firstOfMarch;
  return {
    id: "txn_1",
    account: "",
    category: "charge",
    currency: "usd",
    gross: 1_000n,
    fee: 0n,
    created,
    availableOn: created,
    effectiveAt: created,
    balanceType: null,
    sourceId: "ch_1",
    payout: null,
    ...different,
  };
}

/** An automatic payout of ten dollars that arrived five days later, with one member, with the given differences. */
export function storedPayout(different: Partial<StoredPayout> = {}): StoredPayout {
  return {
    id: "po_1",
    account: "",
    amount: 1_000n,
    currency: "usd",
    status: "paid",
    automatic: true,
    arrivalDate: firstOfMarch + 5 * dayMs,
    reconciliationStatus: "completed",
    members: 1,
    ...different,
  };
}
