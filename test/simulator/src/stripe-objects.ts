import { type Members, nullMembers } from "./json.ts";
import type { Random } from "./random.ts";

/** Who pays, as all events of one payment know it. */
export type Customer = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
  readonly paymentMethod: string;
  readonly orderNumber: string;
};

/** What all objects of one payment have in common. */
export type PaymentContext = {
  readonly random: Random;
  readonly livemode: boolean;
  readonly currency: string;
  /** When the payment began, in Unix seconds. */
  readonly start: number;
  readonly customer: Customer;
};

/** A random customer. */
export function createCustomer(random: Random): Customer {
  const first = random.pick(["Jenny", "Ravi", "Amélie", "Kenji", "Olu", "Marta", "Sven", "Lucía"]);
  const last = random.pick(["Rosen", "Patel", "Dubois", "Tanaka", "Adeyemi", "Kowalska", "Berg", "García"]);
  const [country, city] = random.pick([
    ["DE", "Leipzig"],
    ["FR", "Lyon"],
    ["US", "Portland"],
    ["GB", "Leeds"],
    ["JP", "Osaka"],
  ] as const);
  return {
    id: `cus_${random.letters(14)}`,
    name: `${first} ${last}`,
    email: `${random.letters(8).toLowerCase()}@${random.pick(["gmail.com", "posteo.de", "example.org"])}`,
    city,
    postalCode: String(random.int(10_000, 99_999)),
    country,
    paymentMethod: `pm_${random.letters(24)}`,
    orderNumber: `B-${random.int(100_000, 999_999)}`,
  };
}

/** A customer's address, without a street. */
export function addressOf({ city, country, postalCode }: Customer): Members {
  return { city, country, line1: null, line2: null, postal_code: postalCode, state: null };
}

const nullInPaymentIntent = nullMembers(`
  application application_fee_amount canceled_at cancellation_reason last_payment_error latest_charge
  next_action on_behalf_of processing review setup_future_usage shipping source statement_descriptor
  statement_descriptor_suffix status transfer_data transfer_group`);

/**
 * A PaymentIntent with the members that API version 2025-03-31.basil gives it. `facts` replace members,
 * at least `id` and the amounts; `undefined` removes one.
 */
export function paymentIntentObject(context: PaymentContext, facts: Members): Members {
  const { random, customer } = context;
  return {
    id: null,
    object: "payment_intent",
    amount: 0,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    automatic_payment_methods: { allow_redirects: "always", enabled: true },
    capture_method: "automatic_async",
    client_secret: `pi_secret_${random.letters(49)}`,
    confirmation_method: "automatic",
    created: context.start,
    currency: context.currency,
    customer: customer.id,
    description: `Order ${customer.orderNumber}`,
    livemode: context.livemode,
    metadata: { order_id: customer.orderNumber, cart: random.letters(22) },
    payment_method: customer.paymentMethod,
    payment_method_configuration_details: { id: "pmc_1OCIhWF1oYtPP4ikyGr0tx7q", parent: null },
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: "automatic" },
      klarna: { preferred_locale: null },
      link: { persistent_token: null },
    },
    payment_method_types: ["card", "klarna", "link"],
    receipt_email: customer.email,
    ...nullInPaymentIntent,
    ...facts,
  };
}

const nullInCharge = nullMembers(`
  application application_fee application_fee_amount destination dispute failure_balance_transaction
  failure_code failure_message on_behalf_of order payment_intent receipt_number review shipping source
  source_transfer statement_descriptor statement_descriptor_suffix transfer_data transfer_group`);

const nullInCard = nullMembers("installments mandate three_d_secure wallet");

/** A captured charge in the same version. `facts` replace members, at least `id` and the amounts. */
export function chargeObject(context: PaymentContext, facts: Members): Members {
  const { random, customer } = context;
  return {
    id: null,
    object: "charge",
    amount: 0,
    amount_captured: 0,
    amount_refunded: 0,
    balance_transaction: `txn_${random.letters(24)}`,
    billing_details: {
      address: addressOf(customer),
      email: customer.email,
      name: customer.name,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: "TAKINGS BAKERY",
    captured: true,
    created: context.start,
    currency: context.currency,
    customer: customer.id,
    description: `Order ${customer.orderNumber}`,
    disputed: false,
    fraud_details: {},
    livemode: context.livemode,
    metadata: { order_id: customer.orderNumber, cart: random.letters(22) },
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: "approved_by_network",
      reason: null,
      risk_level: "normal",
      risk_score: random.int(1, 64),
      seller_message: "Payment complete.",
      type: "authorized",
    },
    paid: true,
    payment_method: customer.paymentMethod,
    payment_method_details: { card: cardOf(context, facts), type: "card" },
    radar_options: {},
    receipt_email: customer.email,
    receipt_url: `https://pay.stripe.com/receipts/payment/${random.letters(90)}`,
    refunded: false,
    status: "succeeded",
    ...nullInCharge,
    ...facts,
  };
}

function cardOf({ random, customer }: PaymentContext, { amount }: Members): Members {
  const brand = random.pick(["visa", "visa", "mastercard", "amex"]);
  return {
    amount_authorized: amount,
    authorization_code: random.letters(6).toUpperCase(),
    brand,
    checks: { address_line1_check: null, address_postal_code_check: "pass", cvc_check: "pass" },
    country: customer.country,
    exp_month: random.int(1, 12),
    exp_year: random.int(2025, 2031),
    extended_authorization: { status: "disabled" },
    fingerprint: random.letters(16),
    funding: random.pick(["credit", "debit"]),
    incremental_authorization: { status: "unavailable" },
    last4: String(random.int(1000, 9999)),
    multicapture: { status: "unavailable" },
    network: brand,
    network_token: { used: false },
    network_transaction_id: String(random.int(100_000_000, 999_999_999)),
    overcapture: { maximum_amount_capturable: amount, status: "unavailable" },
    regulated_status: "unregulated",
    ...nullInCard,
  };
}

const nullInRefund = nullMembers(`
  charge payment_intent reason receipt_number source_transfer_reversal transfer_reversal`);

/** A refund, by itself and in a charge's list. `facts` replace members, at least `id` and `amount`. */
export function refundObject({ random, currency, start }: PaymentContext, facts: Members): Members {
  const card = {
    reference: String(random.int(1_000_000_000, 9_999_999_999)),
    reference_status: "available",
    reference_type: "acquirer_reference_number",
    type: "refund",
  };
  return {
    id: null,
    object: "refund",
    amount: 0,
    balance_transaction: `txn_${random.letters(24)}`,
    created: start,
    currency,
    destination_details: { card, type: "card" },
    metadata: {},
    status: "succeeded",
    ...nullInRefund,
    ...facts,
  };
}

const nullInEvidence = nullMembers(`
  access_activity_log billing_address customer_communication receipt refund_policy service_date
  shipping_documentation uncategorized_text`);

/** A dispute. `facts` replace members, at least `id` and `amount`. */
export function disputeObject(context: PaymentContext, facts: Members): Members {
  const { customer, currency, livemode, start } = context;
  return {
    id: null,
    object: "dispute",
    amount: 0,
    balance_transactions: [],
    charge: null,
    created: start,
    currency,
    enhanced_eligibility_types: [],
    evidence: {
      customer_name: customer.name,
      product_description: `Order ${customer.orderNumber}`,
      ...nullInEvidence,
    },
    evidence_details: { due_by: start + 864_000, has_evidence: false, past_due: false, submission_count: 0 },
    is_charge_refundable: false,
    livemode,
    metadata: {},
    payment_intent: null,
    reason: "fraudulent",
    status: "needs_response",
    ...facts,
  };
}

const disputeFee = 1_500;

/** What a dispute moved on the account's balance: negative when money was taken. */
export function balanceTransactionObject(
  { random, start, ...context }: PaymentContext,
  amount: bigint | number,
  currency: string = context.currency,
): Members {
  return {
    id: `txn_${random.letters(24)}`,
    object: "balance_transaction",
    amount,
    available_on: start + 172_800,
    created: start,
    currency,
    description: amount < 0 ? "Chargeback withdrawal" : "Chargeback reversal",
    exchange_rate: null,
    fee: disputeFee,
    fee_details: [
      { amount: disputeFee, application: null, currency, description: "Dispute fee", type: "stripe_fee" },
    ],
    net: typeof amount === "bigint" ? amount - BigInt(disputeFee) : amount - disputeFee,
    reporting_category: amount < 0 ? "dispute" : "dispute_reversal",
    status: "available",
    type: "adjustment",
  };
}
