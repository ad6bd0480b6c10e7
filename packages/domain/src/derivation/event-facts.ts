import type { LedgerScope } from "../ledger-scope.ts";

/**
 * What one event states about payments: the objects that it shows, whatever its type is. A field that is missing or
 * malformed is `undefined`, and no rule uses it.
 */
export type EventFacts = {
  readonly eventId: string;
  /** Stripe's clock. */
  readonly created: Date;
  readonly type: string;
  /** The date at the head of `api_version`; `undefined` counts as the newest. */
  readonly apiVersion: string | undefined;
  /** The id of the event's own object. */
  readonly objectId: string | undefined;
  /** The event's object and everything within it. */
  readonly shows: readonly ShownObject[];
};

/** Facts in the scope of their event. */
export type ScopedFacts = LedgerScope & { readonly facts: EventFacts };

/** An object as an event shows it. */
export type ShownObject = ShownPaymentIntent | ShownCharge | ShownRefund | ShownDispute;

/** https://docs.stripe.com/api/payment_intents/object */
export type ShownPaymentIntent = {
  readonly object: "payment_intent";
  readonly id: string;
  readonly latestCharge: string | undefined;
  readonly status: string | undefined;
  readonly amount: bigint | undefined;
  readonly amountReceived: bigint | undefined;
  readonly currency: string | undefined;
};

/** https://docs.stripe.com/api/charges/object */
export type ShownCharge = {
  readonly object: "charge";
  readonly id: string;
  readonly paymentIntent: string | undefined;
  /** True for the `py_` charges that mirror a transfer in a connected account. */
  readonly fromTransfer: boolean;
  readonly status: string | undefined;
  readonly captured: boolean | undefined;
  readonly amount: bigint | undefined;
  /** Equals `amount` where the API version has no `amount_captured` and nothing was refunded. */
  readonly amountCaptured: bigint | undefined;
  readonly amountRefunded: bigint | undefined;
  readonly currency: string | undefined;
  /** `payment_method_details.card.multicapture.status` is `available`. */
  readonly multicapture: boolean;
};

/** https://docs.stripe.com/api/refunds/object */
export type ShownRefund = {
  readonly object: "refund";
  readonly id: string;
  readonly charge: string | undefined;
  readonly paymentIntent: string | undefined;
  readonly amount: bigint | undefined;
  readonly currency: string | undefined;
  readonly created: Date | undefined;
  readonly status: string | undefined;
  readonly reason: string | undefined;
  /** `source_transfer_reversal` is set. */
  readonly mirrorsTransferReversal: boolean;
  /** `charge` and `payment_intent` are both present and null, and it did not go to a card. */
  readonly paysOutCashBalance: boolean;
};

/** https://docs.stripe.com/api/disputes/object */
export type ShownDispute = {
  readonly object: "dispute";
  readonly id: string;
  readonly charge: string | undefined;
  readonly paymentIntent: string | undefined;
  readonly amount: bigint | undefined;
  readonly currency: string | undefined;
  readonly balanceTransactions: readonly ShownBalanceTransaction[];
};

/** https://docs.stripe.com/api/balance_transactions/object */
export type ShownBalanceTransaction = {
  readonly id: string | undefined;
  /** Signed: negative takes money from the balance, positive gives it back. */
  readonly amount: bigint;
  readonly currency: string;
  readonly reportingCategory: string | undefined;
};
