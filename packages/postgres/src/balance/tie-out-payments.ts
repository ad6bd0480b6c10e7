import { isChosenAccount, isChosenSource } from "../columns/scope-conditions.ts";

/**
 * What customers paid, as the latest event of each object `$5` states it: a PaymentIntent's `amount_received`, or the
 * `amount_captured` of a charge without one.
 * https://docs.stripe.com/api/payment_intents/object, https://docs.stripe.com/api/charges/object
 */
export const customerPaymentsText = `
  select asked as object, paid.amount, paid.currency
  from unnest($5::text[]) as asked
  cross join lateral (
    select shown ->> 'amountReceived' as amount, shown ->> 'currency' as currency, created, received_at, event_id
    from takings.events join takings.sources on name = source
    cross join lateral jsonb_array_elements(facts -> 'shows') as shown
    where payment_intent = asked and type = 'payment_intent.succeeded' and recorded_at <= $1
      and livemode = $2 and ${isChosenSource("$4")} and ${isChosenAccount("$3", "coalesce(account, '')")}
      and shown ->> 'object' = 'payment_intent' and shown ->> 'id' = asked
    union all
    select shown ->> 'amountCaptured', shown ->> 'currency', created, received_at, event_id
    from takings.events join takings.sources on name = source
    cross join lateral jsonb_array_elements(facts -> 'shows') as shown
    where object_id = asked and type like 'charge.%' and recorded_at <= $1
      and livemode = $2 and ${isChosenSource("$4")} and ${isChosenAccount("$3", "coalesce(account, '')")}
      and shown ->> 'object' = 'charge' and shown ->> 'id' = asked and shown ->> 'paymentIntent' is null
      and shown ->> 'amountCaptured' is not null
    order by created desc, received_at desc, event_id desc
    limit 1
  ) as paid`;
