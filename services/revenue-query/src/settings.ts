import { type Environment, flag, host, integer, logLevel, parseEnv, port, url } from "@takings/runtime";
import { z } from "zod";

const schema = z
  .object({
    DATABASE_URL: url("postgres", "postgresql"),
    DATABASE_POOL_SIZE: integer(1, 100).default(10),
    PORT: port().default(8081),
    ADMIN_PORT: port().default(9090),
    HOST: host().optional(),
    LOG_LEVEL: logLevel,
    API_TOKENS: z.string().optional(),
    API_TOKENS_FILE: z.string().optional(),
    ALLOW_ANONYMOUS: flag().default(false),
    RATE_LIMIT_PER_MINUTE: integer(0, 1_000_000).default(600),
    DEFAULT_LIVEMODE: flag().default(true),
    STRIPE_ACCOUNT_ID: z
      .string()
      .regex(/^acct_\w+$/, "must be a Stripe account id such as acct_1032D82eZvKYlo2C")
      .optional(),
  })
  .refine((env) => env.API_TOKENS ?? env.API_TOKENS_FILE ?? env.ALLOW_ANONYMOUS, {
    path: ["API_TOKENS"],
    message:
      "is required, or API_TOKENS_FILE, or ALLOW_ANONYMOUS=true: without tokens anyone could read the revenue",
    // Also checked when other keys are bad, so that all bad keys are named at once.
    when: () => true,
  });

/** The settings of revenue-query, by environment variable; docs/configuration.md describes each. */
export type Settings = Readonly<z.output<typeof schema>>;

/** Reads the settings from the environment. @throws ConfigError naming every bad key at once. */
export function readSettings(env: Environment): Settings {
  return Object.freeze(parseEnv(schema, env));
}
