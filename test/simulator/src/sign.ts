import { Stripe } from "stripe";

/** The webhook secret that tests sign with by default. */
export const testSecret = "whsec_test";

/** A `Stripe-Signature` header, made by the stripe package's own signer; `timestamp` in Unix seconds, by default now. */
export function sign(payload: string, secret: string = testSecret, timestamp: number = now()): string {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}
