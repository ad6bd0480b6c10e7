import type { Random } from "./random.ts";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Who buys what, as all events of one order know it. Amounts in the currency's minor unit. */
export type Order = {
  readonly random: Random;
  readonly paymentIntent: string;
  readonly charge: string;
  readonly paymentMethod: string;
  readonly customer: string;
  readonly name: string;
  readonly email: string;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
  readonly currency: string;
  readonly amount: number;
  /** Unix seconds. */
  readonly at: number;
  readonly orderNumber: string;
  readonly livemode: boolean;
};

/** A PaymentIntent with the members that API version 2025-03-31.basil gives it, in their order. */
export function paymentIntent(order: Order, status: string): Json {
  const succeeded = status === "succeeded";
  return {
    id: order.paymentIntent,
    object: "payment_intent",
    amount: order.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: succeeded ? order.amount : 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: "always", enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: `${order.paymentIntent}_secret_${order.random.letters(25)}`,
    confirmation_method: "automatic",
    created: order.at,
    currency: order.currency,
    customer: order.customer,
    description: `Order ${order.orderNumber}`,
    last_payment_error: null,
    latest_charge: succeeded ? order.charge : null,
    livemode: order.livemode,
    metadata: { order_id: order.orderNumber, cart: order.random.letters(22) },
    next_action: null,
    on_behalf_of: null,
    payment_method: succeeded ? order.paymentMethod : null,
    payment_method_configuration_details: { id: "pmc_1OCIhWF1oYtPP4ikyGr0tx7q", parent: null },
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: "automatic" },
      klarna: { preferred_locale: null },
      link: { persistent_token: null },
    },
    payment_method_types: ["card", "klarna", "link"],
    processing: null,
    receipt_email: order.email,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status,
    transfer_data: null,
    transfer_group: null,
  };
}

/** A charge, captured at once. */
export function charge(order: Order, changes: Json = {}): Json {
  return {
    id: order.charge,
    object: "charge",
    amount: order.amount,
    amount_captured: order.amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: `txn_${order.random.letters(24)}`,
    billing_details: {
      address: {
        city: order.city,
        country: order.country,
        line1: null,
        line2: null,
        postal_code: order.postalCode,
        state: null,
      },
      email: order.email,
      name: order.name,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: "TAKINGS BAKERY",
    captured: true,
    created: order.at + 2,
    currency: order.currency,
    customer: order.customer,
    description: `Order ${order.orderNumber}`,
    destination: null,
    dispute: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: order.livemode,
    metadata: { order_id: order.orderNumber, cart: order.random.letters(22) },
    on_behalf_of: null,
    order: null,
    outcome: outcome(order),
    paid: true,
    payment_intent: order.paymentIntent,
    payment_method: order.paymentMethod,
    payment_method_details: { card: card(order), type: "card" },
    radar_options: {},
    receipt_email: order.email,
    receipt_number: null,
    receipt_url: `https://pay.stripe.com/receipts/payment/${order.random.letters(90)}`,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: "succeeded",
    transfer_data: null,
    transfer_group: null,
    ...changes,
  };
}

function outcome({ random }: Order): Json {
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: "approved_by_network",
    reason: null,
    risk_level: "normal",
    risk_score: random.int(1, 64),
    seller_message: "Payment complete.",
    type: "authorized",
  };
}

function card({ random, amount, country }: Order): Json {
  const brand = random.pick(["visa", "visa", "mastercard", "amex"]);
  return {
    amount_authorized: amount,
    authorization_code: random.letters(6).toUpperCase(),
    brand,
    checks: { address_line1_check: null, address_postal_code_check: "pass", cvc_check: "pass" },
    country,
    exp_month: random.int(1, 12),
    exp_year: random.int(2025, 2031),
    extended_authorization: { status: "disabled" },
    fingerprint: random.letters(16),
    funding: random.pick(["credit", "debit"]),
    incremental_authorization: { status: "unavailable" },
    installments: null,
    last4: String(random.int(1000, 9999)),
    mandate: null,
    multicapture: { status: "unavailable" },
    network: brand,
    network_token: { used: false },
    network_transaction_id: String(random.int(100_000_000, 999_999_999)),
    overcapture: { maximum_amount_capturable: amount, status: "unavailable" },
    regulated_status: "unregulated",
    three_d_secure: null,
    wallet: null,
  };
}
