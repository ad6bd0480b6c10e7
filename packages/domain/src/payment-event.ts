import type { BalanceStatement } from "./balance/balance-fact.ts";
import type { EventFacts } from "./derivation/event-facts.ts";

/**
 * A Stripe event as Takings reads it: the envelope of every event and, for the types that move money, the fields of its
 * object.
 *
 * A field that is missing or malformed is `undefined`. {@link PaymentService} decides whether that matters: most events
 * do not count, and a malformed amount in one of those is no error.
 */
export type PaymentEvent = {
  readonly id: string;
  readonly type: string;
  /** Stripe's clock: when the event happened. Whole seconds for snapshot events. */
  readonly created: Date | undefined;
  readonly livemode: boolean | undefined;
  /** The connected account an event belongs to; `null` on the platform's own events. */
  readonly account: string | null | undefined;
  readonly objectId: string | undefined;
  readonly paymentIntent: string | undefined;
  /** What it states about payments; `undefined` where the event has no time. */
  readonly facts: EventFacts | undefined;
  readonly subject: Subject;
  /** What it states about the balance; `undefined` for an event that is about something else. */
  readonly balance: BalanceStatement | undefined;
};

/** The object of an event whose type can move money; `other` is everything else. */
export type Subject =
  | { readonly object: "payment_intent"; readonly paymentIntent: PaymentIntent }
  | { readonly object: "charge" | "failed_charge"; readonly charge: Charge }
  | { readonly object: "refunded_charge"; readonly charge: Charge }
  | { readonly object: "refund"; readonly refund: Refund }
  | { readonly object: "dispute_withdrawal" | "dispute_reinstatement"; readonly dispute: Dispute }
  | { readonly object: "other" }
  /** A thin event of a type that would count. It has no amount, so it cannot be understood. */
  | { readonly object: "thin" };

/** The fields of a PaymentIntent that decide whether its event counts. */
export type PaymentIntent = {
  readonly id: string | undefined;
  readonly amountReceived: bigint | undefined;
  readonly currency: string | undefined;
};

/** The fields of a charge that decide whether its event counts. */
export type Charge = {
  readonly id: string | undefined;
  readonly amountCaptured: bigint | undefined;
  readonly amountRefunded: bigint | undefined;
  readonly captured: boolean | undefined;
  readonly currency: string | undefined;
  /** `null` on a charge that has none. */
  readonly paymentIntent: string | null | undefined;
  /** True for the `py_` charges that mirror a transfer in a connected account. */
  readonly fromTransfer: boolean;
  /** Absent from payloads of API version 2022-11-15 and later: then empty. */
  readonly refunds: readonly Refund[];
};

/** The fields of a refund that decide whether its event counts. */
export type Refund = {
  readonly id: string | undefined;
  readonly amount: bigint | undefined;
  readonly currency: string | undefined;
  readonly created: Date | undefined;
  /** Its own fields show that no money of the account was refunded; see docs/revenue.md. */
  readonly isNonRefund: boolean;
};

/** The fields of a dispute that decide whether its event counts. */
export type Dispute = {
  readonly id: string | undefined;
  readonly amount: bigint | undefined;
  readonly currency: string | undefined;
  readonly balanceTransactions: readonly DisputeTransaction[];
};

/** A balance transaction of a dispute. */
export type DisputeTransaction = {
  /** Signed: negative takes money from the balance, positive gives it back. */
  readonly amount: bigint | undefined;
};
