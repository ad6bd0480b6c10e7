import { defaultSource } from "@takings/domain";
import { type Environment, parseEnv } from "@takings/runtime";
import { readStripeSettings, type StripeSettings, stripeSettings } from "../settings/stripe.ts";
import { isSet } from "./connections.ts";

/** The key of the default source and how to reach Stripe; `undefined` where no key is set. @throws ConfigError */
export function readStripeKey(environment: Environment): StripeSettings | undefined {
  if (!["STRIPE_API_KEY", "STRIPE_API_KEY_FILE"].some((name) => isSet(environment, name))) return undefined;
  return readStripeSettings(parseEnv(stripeSettings, environment), defaultSource);
}
