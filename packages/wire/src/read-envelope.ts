import { isUtf8 } from "node:buffer";
import { properties } from "./facts.ts";

/** The least that makes a body a Stripe event: enough to store it and to recognise it again. */
export type Envelope = { readonly id: string; readonly type: string };

// The id becomes a message header, so its alphabet and length are a matter of safety.
const eventIdPattern = /^evt_\w{1,250}$/;
// The type becomes part of a subject, where white space, wildcards and empty tokens mean something else.
const eventType = /^[^\s*>.]+(\.[^\s*>.]+)*$/;

/** Reads the envelope of a received body, or `undefined` when it is not a Stripe event. Never throws. */
export function readEnvelope(body: Buffer): Envelope | undefined {
  // Decoding replaces what is not UTF-8, and then the bytes that are stored were not the ones that were judged.
  if (!isUtf8(body)) return undefined;
  try {
    // A byte order mark survives this decoding and then is not JSON, as it should be.
    const event: unknown = JSON.parse(body.toString("utf8"));
    return isStripeEvent(event) ? { id: event.id, type: event.type } : undefined;
  } catch {
    return undefined;
  }
}

export function isEventId(text: string): boolean {
  return eventIdPattern.test(text);
}

/** Whether a parsed body is an object with an event id and an event type. */
export function isStripeEvent(event: unknown): event is Envelope & Readonly<Record<string, unknown>> {
  if (Array.isArray(event)) return false;
  const { id, type } = properties(event);
  return typeof id === "string" && isEventId(id) && typeof type === "string" && eventType.test(type);
}
