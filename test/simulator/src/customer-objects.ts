import { type Members, nullMembers } from "./json.ts";
import { addressOf, type PaymentContext } from "./stripe-objects.ts";

const nullInCustomer = nullMembers(`
  currency default_source description discount phone shipping test_clock`);

/** The customer of a payment, as just created. */
export function customerObject({ random, livemode, start, customer }: PaymentContext): Members {
  return {
    id: customer.id,
    object: "customer",
    address: addressOf(customer),
    balance: 0,
    created: start,
    delinquent: false,
    email: customer.email,
    invoice_prefix: random.letters(8).toUpperCase(),
    invoice_settings: nullMembers("custom_fields default_payment_method footer rendering_options"),
    livemode,
    metadata: {},
    name: customer.name,
    next_invoice_sequence: 1,
    preferred_locales: [`${customer.country.toLowerCase()}-${customer.country}`],
    tax_exempt: "none",
    ...nullInCustomer,
  };
}

const nullInCheckoutSession = nullMembers(`
  after_expiration allow_promotion_codes billing_address_collection client_secret consent
  consent_collection currency_conversion customer_creation customer_email invoice locale payment_link
  shipping_cost submit_type subscription url`);

/** A paid checkout of this amount. */
export function checkoutSessionObject(
  { random, livemode, start, currency, customer }: PaymentContext,
  amount: number,
  paymentIntent: string,
): Members {
  return {
    id: `cs_live_${random.letters(58)}`,
    object: "checkout.session",
    adaptive_pricing: { enabled: true },
    amount_subtotal: amount,
    amount_total: amount,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    cancel_url: "https://shop.example/cart",
    client_reference_id: customer.orderNumber,
    collected_information: { shipping_details: null },
    created: start - 90,
    currency,
    custom_fields: [],
    custom_text: nullMembers("after_submit shipping_address submit terms_of_service_acceptance"),
    customer: customer.id,
    customer_details: {
      address: { city: customer.city, country: customer.country, postal_code: customer.postalCode },
      email: customer.email,
      name: customer.name,
      phone: null,
      tax_exempt: "none",
      tax_ids: [],
    },
    discounts: [],
    expires_at: start + 86_310,
    livemode,
    metadata: { order_id: customer.orderNumber },
    mode: "payment",
    payment_intent: paymentIntent,
    payment_method_collection: "if_required",
    payment_method_types: ["card", "klarna", "link"],
    payment_status: "paid",
    phone_number_collection: { enabled: false },
    shipping_options: [],
    status: "complete",
    success_url: `https://shop.example/thanks?order=${customer.orderNumber}`,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: "hosted",
    ...nullInCheckoutSession,
  };
}
