import { ConfigError, createLogger, type Environment, followSecrets, parseEnv, url } from "@takings/runtime";
import { z } from "zod";

const accountId = z.string().regex(/^acct_\w+$/, "must be a Stripe account id, acct_…");

const schema = z.object({
  STRIPE_API_KEY: z.string().optional(),
  STRIPE_API_KEY_FILE: z.string().optional(),
  STRIPE_API_URL: url("https", "http")
    .refine(isPrivate, "must be https://, as the key travels to it")
    .default("https://api.stripe.com"),
  STRIPE_ACCOUNT_ID: accountId.optional(),
  DATABASE_URL: url("postgres", "postgresql"),
  NATS_URL: url("nats", "tls"),
  NATS_CREDS_FILE: z.string().optional(),
});

export type ReconcileSettings = {
  readonly apiKey: string;
  /** Which mode the key belongs to. */
  readonly livemode: boolean;
  readonly apiUrl: URL;
  readonly platformAccount: string | undefined;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly natsCredsFile: string | undefined;
};

/** Reads the settings of `takings reconcile`, the key from its file anew each time. @throws ConfigError */
export function readReconcileSettings(environment: Environment): ReconcileSettings {
  const env = parseEnv(schema, environment);
  const source = { name: "STRIPE_API_KEY", text: env.STRIPE_API_KEY, file: env.STRIPE_API_KEY_FILE };
  const [apiKey = ""] = followSecrets(source, createLogger({ service: "reconcile", level: "silent" }))();
  const mode = /_(live|test)_/.exec(apiKey)?.[1];
  // Refunds do not say which mode they are of, so the key has to.
  if (mode === undefined)
    throw new ConfigError(["STRIPE_API_KEY: must be a key of live or test mode, rk_live_…"]);
  return {
    apiKey,
    livemode: mode === "live",
    apiUrl: new URL(env.STRIPE_API_URL),
    platformAccount: env.STRIPE_ACCOUNT_ID,
    databaseUrl: env.DATABASE_URL,
    natsUrl: env.NATS_URL,
    natsCredsFile: env.NATS_CREDS_FILE,
  };
}

/** Whether a key can be sent there without being read on the way. */
function isPrivate(text: string): boolean {
  const parsed = URL.parse(text);
  return (
    parsed?.protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(parsed?.hostname ?? "")
  );
}
