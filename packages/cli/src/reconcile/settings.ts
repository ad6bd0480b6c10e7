import {
  accountId,
  ConfigError,
  createLogger,
  databaseUrl,
  type Environment,
  followSecrets,
  type NatsServer,
  natsServer,
  parseEnv,
  url,
} from "@takings/runtime";
import { z } from "zod";
import { databaseSettings } from "../settings/database.ts";
import { natsSettings } from "../settings/nats.ts";

const schema = natsSettings.extend({
  STRIPE_API_KEY: z.string().optional(),
  STRIPE_API_KEY_FILE: z.string().optional(),
  STRIPE_API_URL: url("https", "http")
    .refine(isPrivate, "must be https://, because the API key is sent to it")
    .default("https://api.stripe.com"),
  STRIPE_ACCOUNT_ID: accountId().optional(),
  ...databaseSettings.shape,
});

/** What the environment of `takings reconcile` configures. */
export type ReconcileSettings = {
  readonly apiKey: string;
  /** The mode of the key. */
  readonly livemode: boolean;
  readonly apiUrl: URL;
  readonly platformAccount: string | undefined;
  readonly databaseUrl: string;
  readonly nats: NatsServer;
};

/** Reads the settings of `takings reconcile`, and reads a key file again on each call. @throws ConfigError */
export function readReconcileSettings(environment: Environment): ReconcileSettings {
  const env = parseEnv(schema, environment);
  const source = { name: "STRIPE_API_KEY", text: env.STRIPE_API_KEY, file: env.STRIPE_API_KEY_FILE };
  const [apiKey = ""] = followSecrets(source, createLogger({ service: "reconcile", level: "silent" }))();
  const mode = /_(live|test)_/.exec(apiKey)?.[1];
  // Refunds do not show their mode, so the key must.
  if (mode === undefined)
    throw new ConfigError(["STRIPE_API_KEY: must be a live or test mode key, such as rk_live_…"]);
  return {
    apiKey,
    livemode: mode === "live",
    apiUrl: new URL(env.STRIPE_API_URL),
    platformAccount: env.STRIPE_ACCOUNT_ID,
    databaseUrl: databaseUrl(env),
    nats: natsServer(env),
  };
}

/** Whether a key can be sent to a URL without being readable on the way. */
function isPrivate(text: string): boolean {
  const parsed = URL.parse(text);
  return (
    parsed?.protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(parsed?.hostname ?? "")
  );
}
