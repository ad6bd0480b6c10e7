import { accountId, ConfigError, createLogger, followSecrets, url } from "@takings/runtime";
import { z } from "zod";

/** The settings of commands that ask Stripe's API. */
export const stripeSettings = z.object({
  STRIPE_API_KEY: z.string().optional(),
  STRIPE_API_KEY_FILE: z.string().optional(),
  STRIPE_API_URL: url("https", "http")
    .refine(isPrivate, "must be https://, because the API key is sent to it")
    .default("https://api.stripe.com"),
  STRIPE_ACCOUNT_ID: accountId().optional(),
});

/** How the help of these commands describes the settings. @param access what the key must be able to read. */
export function stripeHelp(access: string): Readonly<Record<string, string>> {
  return {
    STRIPE_API_KEY: `restricted key with read access${access}`,
    STRIPE_API_KEY_FILE: "file with this key",
    STRIPE_ACCOUNT_ID: "the platform's own account id",
  };
}

/** How to reach Stripe, and in which mode. */
export type StripeSettings = {
  readonly apiKey: string;
  /** The mode of the key. */
  readonly livemode: boolean;
  readonly apiUrl: URL;
  readonly platformAccount: string | undefined;
};

/** Reads the settings, and a key file again on each call. @throws ConfigError */
export function readStripeSettings(env: z.output<typeof stripeSettings>): StripeSettings {
  const source = { name: "STRIPE_API_KEY", text: env.STRIPE_API_KEY, file: env.STRIPE_API_KEY_FILE };
  const [apiKey = ""] = followSecrets(source, createLogger({ service: "stripe", level: "silent" }))();
  const mode = /^[rs]k_(live|test)_./.exec(apiKey)?.[1];
  // Most objects do not show their mode, so the key must.
  if (mode === undefined) {
    throw new ConfigError([
      "STRIPE_API_KEY: must be a live or test mode key that begins with rk_live_, sk_live_, rk_test_ or sk_test_",
    ]);
  }
  return {
    apiKey,
    livemode: mode === "live",
    apiUrl: new URL(env.STRIPE_API_URL),
    platformAccount: env.STRIPE_ACCOUNT_ID,
  };
}

/** Whether a key can be sent to a URL without being readable on the way. */
function isPrivate(text: string): boolean {
  const parsed = URL.parse(text);
  return (
    parsed?.protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(parsed?.hostname ?? "")
  );
}
