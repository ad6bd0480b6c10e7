import type { PaymentEvent } from "@takings/domain";
import { decodeEvent } from "@takings/wire";

/** The text of a snapshot event. `object` is JSON text, so that a test decides how a number is written. */
export function snapshot(type: string, object: string, envelope = ""): string {
  return `{"id":"evt_1","object":"event","type":"${type}","created":1714979289,"livemode":true,"api_version":"2022-08-01",${envelope}"data":{"object":${object}}}`;
}

/** A succeeded PaymentIntent with this text as its amount, and further members, each after a comma. */
export function succeededIntent(amountReceived: string, rest = ""): string {
  return snapshot(
    "payment_intent.succeeded",
    `{"id":"pi_1","amount_received":${amountReceived},"currency":"usd"${rest}}`,
  );
}

/** Decodes a text that must be an event. @throws Error when it is not decoded as one. */
export function decoded(body: string): PaymentEvent {
  const event = decodeEvent(Buffer.from(body));
  if (event === undefined) throw new Error(`not taken for an event: ${body}`);
  return event;
}
