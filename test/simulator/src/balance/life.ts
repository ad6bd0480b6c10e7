/** A payment behind a charge, as the customer made it. */
type LifePayment = {
  readonly charge: string;
  /** `null` for a charge that was made without a PaymentIntent. */
  readonly paymentIntent: string | null;
  /** In the minor unit of `currency`, the presentment currency. */
  readonly amount: bigint;
  readonly currency: string;
};

/** A balance transaction of a generated life, with everything that Stripe will ever say about it. */
export type LifeTransaction = {
  readonly id: string;
  readonly type: string;
  /** `undefined`: the object has no such field, as before Stripe had reporting categories. */
  readonly reportingCategory: string | undefined;
  /** In the minor unit of the settlement currency, as `fee` and `net`. */
  readonly amount: bigint;
  readonly fee: bigint;
  /** `amount` less `fee`, except for the rows that {@link BalanceLifeOptions.wrongNets} asks for. */
  readonly net: bigint;
  /** The part of `fee` that an application took. */
  readonly applicationFee: bigint;
  readonly currency: string;
  /** Unix seconds, as all times. */
  readonly created: number;
  readonly availableOn: number;
  /** From when Stripe lists it: later than `created` for a late one. */
  readonly visibleFrom: number;
  /** `undefined`: the object has no such field. */
  readonly balanceType: string | undefined;
  readonly description: string | null;
  /** A description that replaces the first one. */
  readonly laterDescription: { readonly from: number; readonly text: string } | undefined;
  readonly source: { readonly id: string | null; readonly expanded: boolean };
  readonly exchangeRate: number | null;
  readonly payment: LifePayment | undefined;
  /** The automatic payout whose list contains it. */
  readonly payout: string | null;
};

/** A payout of a generated life, with everything that Stripe will ever say about it. */
export type LifePayout = {
  readonly id: string;
  /** Signed: negative takes money from the bank account. */
  readonly amount: bigint;
  readonly currency: string;
  readonly created: number;
  readonly automatic: boolean;
  readonly instant: boolean;
  readonly arrivalDate: number;
  /** An arrival date that replaces the first one. */
  readonly laterArrival: { readonly from: number; readonly date: number } | undefined;
  readonly sentAt: number;
  /** How it ends, and when. */
  readonly end: { readonly status: "paid" | "canceled"; readonly at: number };
  /** When it comes back from the bank after it was paid. */
  readonly failedAt: number | undefined;
  /** From when its members can be listed; `undefined` where Stripe does not tell them. */
  readonly reconciledAt: number | undefined;
  readonly traceId: string | null;
  /** The payout's own balance transaction. */
  readonly transaction: string;
  /** The balance transaction that brings the money back. */
  readonly failureTransaction: string | null;
};

/** What to generate. */
export type BalanceLifeOptions = {
  readonly seed: number;
  /** The connected account; `null` is the platform. It only gives other ids and other amounts. */
  readonly account?: string | null;
  /** Lives with the same one have the same ids, of objects that differ; by default it follows from seed and account. */
  readonly tag?: string;
  /** The first day, Unix seconds of its midnight in UTC. */
  readonly from: number;
  readonly days: number;
  /** How many transactions there are, the payouts' own aside. */
  readonly transactions: number;
  /** Settlement currencies; each has its own payouts. */
  readonly currencies?: readonly string[];
  /** Whether Stripe pays out by itself (the default), or never. */
  readonly automaticPayouts?: boolean;
  /** How many rows have a `net` that is not `amount` less `fee`. */
  readonly wrongNets?: number;
  /** Every so many automatic payouts, one is 7 minor units more than its members add up to. */
  readonly remainderEvery?: number;
};

/**
 * The balance of one Stripe account over some days. Any day can be asked for in any order: it is generated when asked
 * for, and only a few days are kept in memory, so that a life of ten million transactions needs no more than a short one.
 */
export type BalanceLife = {
  readonly account: string | null;
  readonly from: number;
  /** The first instant after the last day. */
  readonly to: number;
  readonly days: number;
  readonly currencies: readonly string[];
  /** The transactions created on a day, in the order of (`created`, `id`); empty outside the life. */
  transactionsOf(day: number): readonly LifeTransaction[];
  /** The payouts created on a day, in the order of (`created`, `id`). */
  payoutsOf(day: number): readonly LifePayout[];
  transaction(id: string): LifeTransaction | undefined;
  payout(id: string): LifePayout | undefined;
  /** The members of an automatic payout, its own transaction included, in the order of (`created`, `id`). */
  membersOf(payout: string): readonly LifeTransaction[];
};

/** All transactions of a life, oldest first. */
export function* transactionsOf(life: BalanceLife): Generator<LifeTransaction> {
  for (let day = 0; day < life.days; day += 1) yield* life.transactionsOf(day);
}

/** All payouts of a life, oldest first. */
export function* payoutsOf(life: BalanceLife): Generator<LifePayout> {
  for (let day = 0; day < life.days; day += 1) yield* life.payoutsOf(day);
}
