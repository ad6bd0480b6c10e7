import { type Environment, host, integer, logLevel, parseEnv, port, url } from "@takings/runtime";
import { z } from "zod";

const schema = z.object({
  ADMIN_PORT: port().default(9090),
  HOST: host().optional(),
  LOG_LEVEL: logLevel,
  NATS_URL: url("nats", "tls"),
  NATS_CREDS_FILE: z.string().optional(),
  DATABASE_URL: url("postgres", "postgresql"),
  STRIPE_ACCOUNT_ID: z
    .string()
    .regex(/^acct_\w+$/, "must be a Stripe account id, acct_…")
    .optional(),
  BATCH_SIZE: integer(1, 5_000).default(500),
  PAYLOAD_MODE: z.enum(["full", "ledger"], "must be full or ledger").default("full"),
});

/** What the consumer is told by its environment. */
export type Settings = Readonly<z.output<typeof schema>>;

/** @throws ConfigError naming every bad key at once. */
export function readSettings(env: Environment): Settings {
  return Object.freeze(parseEnv(schema, env));
}
