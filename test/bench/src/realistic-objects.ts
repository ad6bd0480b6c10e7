import type { Json, Order } from "./realistic-shapes.ts";

/** A customer who has just been made. */
export function customer(order: Order): Json {
  return {
    id: order.customer,
    object: "customer",
    address: {
      city: order.city,
      country: order.country,
      line1: null,
      line2: null,
      postal_code: order.postalCode,
      state: null,
    },
    balance: 0,
    created: order.at,
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: order.email,
    invoice_prefix: order.random.letters(8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: order.livemode,
    metadata: {},
    name: order.name,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [`${order.country.toLowerCase()}-${order.country}`],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
  };
}

/** A refund of a charge, whole or in part. */
export function refund(order: Order, amount: number, at: number): Json {
  return {
    id: `re_${order.random.letters(24)}`,
    object: "refund",
    amount,
    balance_transaction: `txn_${order.random.letters(24)}`,
    charge: order.charge,
    created: at,
    currency: order.currency,
    destination_details: {
      card: {
        reference: String(order.random.int(1_000_000_000, 9_999_999_999)),
        reference_status: "available",
        reference_type: "acquirer_reference_number",
        type: "refund",
      },
      type: "card",
    },
    metadata: {},
    payment_intent: order.paymentIntent,
    reason: "requested_by_customer",
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: null,
  };
}

/** A dispute that has taken its money. */
export function dispute(order: Order, at: number): Json {
  const id = `du_${order.random.letters(24)}`;
  return {
    id,
    object: "dispute",
    amount: order.amount,
    balance_transactions: [
      {
        id: `txn_${order.random.letters(24)}`,
        object: "balance_transaction",
        amount: -order.amount,
        available_on: at + 172_800,
        created: at,
        currency: order.currency,
        description: `Chargeback withdrawal for ${order.charge}`,
        exchange_rate: null,
        fee: 2000,
        fee_details: [
          {
            amount: 2000,
            application: null,
            currency: order.currency,
            description: "Dispute fee",
            type: "stripe_fee",
          },
        ],
        net: -order.amount - 2000,
        reporting_category: "dispute",
        source: id,
        status: "pending",
        type: "adjustment",
      },
    ],
    charge: order.charge,
    created: at,
    currency: order.currency,
    enhanced_eligibility_types: [],
    evidence_details: { due_by: at + 777_600, has_evidence: false, past_due: false, submission_count: 0 },
    is_charge_refundable: false,
    livemode: order.livemode,
    metadata: {},
    payment_intent: order.paymentIntent,
    reason: "fraudulent",
    status: "needs_response",
  };
}

/** A checkout that was paid. */
export function checkoutSession(order: Order): Json {
  return {
    id: `cs_live_${order.random.letters(58)}`,
    object: "checkout.session",
    adaptive_pricing: { enabled: true },
    after_expiration: null,
    allow_promotion_codes: null,
    amount_subtotal: order.amount,
    amount_total: order.amount,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: "https://shop.example/cart",
    client_reference_id: order.orderNumber,
    client_secret: null,
    collected_information: { shipping_details: null },
    consent: null,
    consent_collection: null,
    created: order.at - 90,
    currency: order.currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer: order.customer,
    customer_creation: null,
    customer_details: {
      address: { city: order.city, country: order.country, postal_code: order.postalCode },
      email: order.email,
      name: order.name,
      phone: null,
      tax_exempt: "none",
      tax_ids: [],
    },
    customer_email: null,
    discounts: [],
    expires_at: order.at + 86_310,
    invoice: null,
    livemode: order.livemode,
    locale: null,
    metadata: { order_id: order.orderNumber },
    mode: "payment",
    payment_intent: order.paymentIntent,
    payment_link: null,
    payment_method_collection: "if_required",
    payment_method_types: ["card", "klarna", "link"],
    payment_status: "paid",
    phone_number_collection: { enabled: false },
    shipping_cost: null,
    shipping_options: [],
    status: "complete",
    submit_type: null,
    subscription: null,
    success_url: `https://shop.example/thanks?order=${order.orderNumber}`,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: "hosted",
    url: null,
  };
}
