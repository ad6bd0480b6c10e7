/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** One payment and what later events need to know of it. Amounts in the currency's minor unit. */
export interface PaymentFacts {
  readonly paymentIntent: string;
  readonly charge: string;
  readonly customer: string;
  readonly currency: string;
  readonly authorised: number;
  readonly captured: number;
  /** Unix seconds. */
  readonly at: number;
}

/** A PaymentIntent as Stripe sends it. */
export function paymentIntent(facts: PaymentFacts, status: string): Json {
  return {
    id: facts.paymentIntent,
    object: "payment_intent",
    amount: facts.authorised,
    amount_capturable: status === "requires_capture" ? facts.authorised : 0,
    amount_received: status === "succeeded" ? facts.captured : 0,
    capture_method: facts.captured === facts.authorised ? "automatic" : "manual",
    created: facts.at,
    currency: facts.currency,
    customer: facts.customer,
    latest_charge: status === "requires_payment_method" ? null : facts.charge,
    livemode: false,
    metadata: {},
    payment_method_types: ["card"],
    status,
  };
}

/** A charge as Stripe sends it. */
export function charge(facts: PaymentFacts, changes: Json = {}): Json {
  return {
    id: facts.charge,
    object: "charge",
    amount: facts.authorised,
    amount_captured: facts.captured,
    amount_refunded: 0,
    billing_details: { address: { country: "DE" }, email: null, name: null },
    captured: true,
    created: facts.at,
    currency: facts.currency,
    customer: facts.customer,
    disputed: false,
    livemode: false,
    metadata: {},
    paid: true,
    payment_intent: facts.paymentIntent,
    payment_method_details: { card: { brand: "visa", last4: "4242" }, type: "card" },
    refunded: false,
    source_transfer: null,
    status: "succeeded",
    ...changes,
  };
}

/** A refund as Stripe sends it. */
export function refund(facts: PaymentFacts, id: string, amount: number, at: number, status: string): Json {
  return {
    id,
    object: "refund",
    amount,
    charge: facts.charge,
    created: at,
    currency: facts.currency,
    metadata: {},
    payment_intent: facts.paymentIntent,
    reason: "requested_by_customer",
    status,
  };
}

/** A dispute as Stripe sends it; `moved` are the amounts of its balance transactions. */
export function dispute(facts: PaymentFacts, id: string, status: string, moved: readonly number[]): Json {
  return {
    id,
    object: "dispute",
    amount: facts.captured,
    balance_transactions: moved.map((amount, index) => ({
      id: `txn_${id.slice(3)}${index}`,
      object: "balance_transaction",
      amount,
      currency: facts.currency,
      fee: 0,
      net: amount,
      type: "adjustment",
    })),
    charge: facts.charge,
    created: facts.at + 60,
    currency: facts.currency,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: facts.paymentIntent,
    reason: "fraudulent",
    status,
  };
}
