import type { Json, Members } from "./json.ts";
import { createRandom } from "./random.ts";
import { createCustomer, paymentIntentObject } from "./stripe-objects.ts";

/** A webhook as it is sent. */
export type StripeEvent = { readonly id: string; readonly type: string; readonly body: string };

export type EventFields = {
  readonly id: string;
  readonly type: string;
  /** Unix seconds. */
  readonly created: number;
  readonly livemode: boolean;
  readonly object: Json;
};

/** The API version of events unless they say otherwise. */
const apiVersion = "2025-03-31.basil";

/** A snapshot event. `envelope` replaces members of the event itself; `undefined` removes one. */
export function eventObject(
  { id, type, created, livemode, object }: EventFields,
  envelope: Members = {},
): Members {
  return {
    id,
    object: "event",
    account: undefined,
    api_version: apiVersion,
    created,
    data: { object },
    livemode,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    ...envelope,
  };
}

export type PaymentEventFields = {
  /** The event's id; the PaymentIntent's is the same with `pi` for `evt`. */
  readonly id: string;
  readonly amount?: number | undefined;
  readonly currency?: string | undefined;
  /** Unix seconds; by default now. */
  readonly created?: number | undefined;
  readonly livemode?: boolean | undefined;
  /** A connected account. */
  readonly account?: string | undefined;
};

/** A `payment_intent.succeeded` of realistic size: by default 5.00 US dollars in test mode, now, of the platform. */
export function paymentEvent(fields: PaymentEventFields): StripeEvent {
  const { id, amount = 500, currency = "usd", livemode = false, account } = fields;
  const created = fields.created ?? Math.floor(Date.now() / 1_000);
  const random = createRandom(created);
  const context = { random, livemode, currency, start: created, customer: createCustomer(random) };
  const intent = paymentIntentObject(context, {
    id: id.replace("evt", "pi"),
    amount,
    amount_received: amount,
    status: "succeeded",
  });
  const type = "payment_intent.succeeded";
  const event = eventObject({ id, type, created, livemode, object: intent }, { account });
  return { id, type, body: JSON.stringify(event) };
}
