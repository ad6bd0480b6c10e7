import { Stripe } from "stripe";

/** The secret that tests sign with unless they say otherwise. */
export const testSecret = "whsec_test";

/** The `Stripe-Signature` header for a payload, made by Stripe's own signer; `timestamp` in Unix seconds. */
export function sign(payload: string, secret: string = testSecret, timestamp?: number): string {
  const at = timestamp ?? Math.floor(Date.now() / 1000);
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: at });
}
