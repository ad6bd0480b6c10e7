import type { Moment } from "../moment.ts";

/**
 * What one reading of Stripe's API, or one `payout.*` event, states about a balance transaction or a payout.
 * https://docs.stripe.com/api/balance_transactions/object, https://docs.stripe.com/api/payouts/object
 */
export type BalanceFact =
  | { readonly kind: "transaction"; readonly transaction: BalanceTransactionFact }
  | { readonly kind: "payout"; readonly payout: PayoutFact };

/** What an event states about the balance, or why that cannot be understood. */
export type BalanceStatement =
  | { readonly fact: BalanceFact; readonly fault?: undefined }
  | { readonly fact?: undefined; readonly fault: string };

/** A balance transaction as it was read. Amounts are in the minor unit of the settlement currency. */
export type BalanceTransactionFact = {
  readonly id: string;
  readonly type: string;
  /** Stripe's own name, known or not; `type` where Stripe names none. */
  readonly reportingCategory: string;
  readonly currency: string;
  /** Stripe's `amount`, signed. */
  readonly gross: bigint;
  readonly fee: bigint;
  /** Always `gross` less `fee`. */
  readonly net: bigint;
  readonly created: Date;
  readonly availableOn: Date;
  readonly status: string | null;
  /** `null` where Stripe names none, as before the field existed: it counts as `payments`. */
  readonly balanceType: string | null;
  readonly description: string | null;
  /** The charge, refund, dispute, payout, … that it is about. */
  readonly sourceId: string | null;
  /**
   * The automatic payout whose list contained it; `null`: it is in no list any more; `undefined`: the reading does not
   * say.
   */
  readonly payout: string | null | undefined;
};

/** A payout as it was read, or as a `payout.*` event shows it. */
export type PayoutFact = {
  readonly id: string;
  /** Signed: negative takes money from the bank account. */
  readonly amount: bigint;
  readonly currency: string;
  readonly status: string;
  readonly automatic: boolean;
  readonly arrivalDate: Date;
  readonly created: Date;
  /** `null` while Stripe has none. */
  readonly traceId: string | null;
  readonly reconciliationStatus: string | null;
  /**
   * How many members Stripe listed, once all of them have been read and committed; `undefined`: not read, as in events.
   */
  readonly members: number | undefined;
};

/** A balance transaction as it is known: what the latest readings state. */
export type BalanceTransaction = Omit<BalanceTransactionFact, "created" | "availableOn" | "payout"> & {
  readonly created: Moment;
  readonly availableOn: Moment;
  readonly payout: string | null;
  /** Its moment: `created`, or the arrival date of the automatic payout whose own transaction it is. */
  readonly effectiveAt: Moment;
  /** The event that holds the reading. */
  readonly eventId: string;
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** The transactions of one reporting category, in minor units of one currency. */
export type CategoryTotal = {
  readonly reportingCategory: string;
  readonly count: number;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
};

/** A payout as it is known. */
export type Payout = Omit<PayoutFact, "created" | "arrivalDate" | "members"> & {
  readonly created: Moment;
  readonly arrivalDate: Moment;
  /**
   * The net that its members add up to, its own transaction aside; `null` where Stripe does not tell them: for a payout
   * that is not automatic, or whose reconciliation is not completed, and until all have been read.
   */
  readonly explained: bigint | null;
  readonly eventId: string;
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** A payout with what its members add up to by category, without its own transaction; `null` where `explained` is. */
export type PayoutWithMembers = Payout & { readonly members: readonly CategoryTotal[] | null };
