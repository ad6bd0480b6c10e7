import type { Members, Scenario } from "./scenario.ts";

/** What a payment intent looks like in a snapshot, at its usual size. `facts` are the members that matter. */
export function paymentIntentObject(scenario: Scenario, facts: Members): Members {
  return {
    object: "payment_intent",
    amount_capturable: 0n,
    amount_details: { tip: {} },
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: "always", enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: `pi_secret_${scenario.random.letters(25)}`,
    confirmation_method: "automatic",
    created: scenario.start,
    currency: scenario.currency,
    customer: `cus_${scenario.random.letters(14)}`,
    description: "Subscription creation",
    last_payment_error: null,
    latest_charge: null,
    livemode: scenario.livemode,
    next_action: null,
    on_behalf_of: null,
    payment_method: `pm_${scenario.random.letters(24)}`,
    payment_method_options: { card: { installments: null, request_three_d_secure: "automatic" } },
    payment_method_types: ["card", "link"],
    processing: null,
    receipt_email: null,
    setup_future_usage: null,
    shipping: null,
    statement_descriptor: null,
    transfer_data: null,
    transfer_group: null,
    ...facts,
  };
}

/** What a charge looks like in a snapshot, at its usual size. */
export function chargeObject(scenario: Scenario, facts: Members): Members {
  return {
    object: "charge",
    amount_refunded: 0n,
    application: null,
    balance_transaction: null,
    billing_details: {
      address: { city: null, country: "AU", line1: null, line2: null, postal_code: "2000", state: null },
      email: "jenny@example.com",
      name: "Jenny Rosen",
      phone: null,
    },
    calculated_statement_descriptor: "EXAMPLE SHOP",
    created: scenario.start,
    currency: scenario.currency,
    customer: `cus_${scenario.random.letters(14)}`,
    description: null,
    disputed: false,
    failure_code: null,
    livemode: scenario.livemode,
    outcome: {
      network_status: "approved_by_network",
      risk_level: "normal",
      risk_score: 55,
      type: "authorized",
    },
    paid: true,
    payment_method: `pm_${scenario.random.letters(24)}`,
    payment_method_details: {
      card: { brand: "visa", country: "US", exp_month: 4, exp_year: 2031, funding: "credit", last4: "4242" },
      type: "card",
    },
    receipt_url: `https://pay.stripe.com/receipts/payment/${scenario.random.letters(60)}`,
    refunded: false,
    source_transfer: null,
    status: "succeeded",
    transfer_data: null,
    ...facts,
  };
}

/** What a refund looks like, by itself and in a charge's list. */
export function refundObject(scenario: Scenario, facts: Members): Members {
  return {
    object: "refund",
    balance_transaction: `txn_${scenario.random.letters(24)}`,
    currency: scenario.currency,
    destination_details: { card: { reference_status: "pending", type: "refund" }, type: "card" },
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    transfer_reversal: null,
    ...facts,
  };
}

/** What a dispute looks like in a snapshot. */
export function disputeObject(scenario: Scenario, facts: Members): Members {
  return {
    object: "dispute",
    created: scenario.start,
    currency: scenario.currency,
    evidence: {
      access_activity_log: null,
      billing_address: null,
      customer_communication: null,
      customer_name: "Jenny Rosen",
      product_description: "A subscription",
      receipt: null,
      refund_policy: null,
      service_date: null,
      shipping_documentation: null,
      uncategorized_text: null,
    },
    evidence_details: {
      due_by: scenario.start + 864_000,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: false,
    livemode: scenario.livemode,
    reason: "fraudulent",
    ...facts,
  };
}

/** One movement of a dispute on the account's balance: negative when money is taken. */
export function balanceTransactionObject(
  scenario: Scenario,
  amount: bigint,
  currency: string = scenario.currency,
): Members {
  return {
    id: `txn_${scenario.random.letters(24)}`,
    object: "balance_transaction",
    amount,
    currency,
    fee: 1500n,
    net: amount - 1500n,
    reporting_category: amount < 0n ? "dispute" : "dispute_reversal",
    status: "available",
    type: "adjustment",
  };
}
