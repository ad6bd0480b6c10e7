/** How the transactions of one kind look. */
export type TransactionKind = {
  readonly type: string;
  /** `undefined`: the object has no `reporting_category`. */
  readonly category: string | undefined;
  readonly sign: 1 | -1;
  /** The prefix of the source's id; `null`: it has no source. */
  readonly source: string | null;
  /** Stripe includes the source as an object. */
  readonly expanded?: true;
  /** `card`: 2.9 % and 30; `dispute`: 1,500 beside the amount; `dispute returned`: −1,500; otherwise none. */
  readonly fee?: "card" | "card with application fee" | "dispute" | "dispute returned" | "only fee";
  /** Days until it is available; the default is that of the currency. */
  readonly days?: number;
  readonly balanceType?: string;
  /** Beyond 2^53. */
  readonly huge?: true;
  /** Stripe lists it a day and a half after it was created. */
  readonly late?: true;
  /** So much that the payout takes money from the bank account. */
  readonly large?: true;
};

/** The everyday kinds; those that come more often are named more often. */
export const commonKinds: readonly TransactionKind[] = [
  ...Array.from({ length: 6 }, () => charge({})),
  charge({ fee: "card with application fee" }),
  charge({ expanded: true }),
  charge({ type: "payment" }),
  { type: "refund", category: "refund", sign: -1, source: "re", days: 0 },
];

/**
 * Each of these comes once in a row of as many. Types: https://docs.stripe.com/reports/balance-transaction-types,
 * categories: https://docs.stripe.com/reports/reporting-categories
 */
export const rareKinds: readonly TransactionKind[] = [
  { type: "payment_refund", category: "refund", sign: -1, source: "pyr", days: 0 },
  { type: "refund_failure", category: "refund_failure", sign: 1, source: "re", days: 0 },
  { type: "payment_failure_refund", category: "charge_failure", sign: -1, source: "py", days: 0 },
  { type: "adjustment", category: "dispute", sign: -1, source: "du", fee: "dispute", days: 0 },
  { type: "adjustment", category: "dispute_reversal", sign: 1, source: "du", fee: "dispute returned" },
  { type: "adjustment", category: "other_adjustment", sign: -1, source: null, days: 0 },
  { type: "adjustment", category: "other_adjustment", sign: -1, source: null, large: true, days: 0 },
  { type: "adjustment", category: "partial_capture_reversal", sign: -1, source: "ch", days: 0 },
  { type: "application_fee", category: "platform_earning", sign: 1, source: "fee" },
  { type: "application_fee_refund", category: "platform_earning_refund", sign: -1, source: "fr", days: 0 },
  { type: "transfer", category: "transfer", sign: -1, source: "tr", days: 0 },
  { type: "transfer_refund", category: "transfer_reversal", sign: 1, source: "trr", days: 0 },
  { type: "connect_collection_transfer", category: "connect_collection_transfer", sign: 1, source: "tr" },
  { type: "topup", category: "topup", sign: 1, source: "tu" },
  { type: "topup_reversal", category: "topup_reversal", sign: -1, source: "tu", days: 0 },
  { type: "reserve_transaction", category: "risk_reserved_funds", sign: -1, source: "rsv", days: 0 },
  { type: "reserved_funds", category: "connect_reserved_funds", sign: 1, source: null, days: 7 },
  { type: "stripe_fee", category: "fee", sign: -1, source: null, days: 0 },
  { type: "stripe_fx_fee", category: "fee", sign: -1, source: null, fee: "only fee", days: 0 },
  { type: "contribution", category: "contribution", sign: -1, source: "cntr", days: 0 },
  charge({ late: true }),
  charge({ category: undefined }),
  charge({ source: null }),
  charge({ huge: true }),
  { type: "refund", category: "refund", sign: -1, source: "re", expanded: true, days: 0 },
  {
    type: "issuing_transaction",
    category: "issuing_transaction",
    sign: -1,
    source: "ipi",
    balanceType: "issuing",
  },
  {
    type: "adjustment",
    category: "risk_reserved_funds",
    sign: 1,
    source: null,
    balanceType: "risk_reserved",
  },
  charge({ balanceType: "payments" }),
  { type: "tidal_credit", category: "tidal_credit", sign: 1, source: "tide" },
  { type: "tidal_debit", category: undefined, sign: -1, source: "tide", expanded: true },
  { type: "orbital_adjustment", category: "orbital.adjustment", sign: 1, source: null },
];

/** Payouts that a person makes; each comes once in a row with {@link rareKinds}. */
export const manualPayoutKinds = ["instant", "manual", "canceled", "failed"] as const;

/** One of {@link manualPayoutKinds}. */
export type ManualPayoutKind = (typeof manualPayoutKinds)[number];

function charge(changes: Partial<TransactionKind>): TransactionKind {
  return { type: "charge", category: "charge", sign: 1, source: "ch", fee: "card", ...changes };
}
