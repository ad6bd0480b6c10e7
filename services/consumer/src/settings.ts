import {
  accountId,
  databaseSettings,
  databaseUrl,
  type Environment,
  host,
  integer,
  type LogLevel,
  logLevel,
  type NatsServer,
  natsServer,
  natsSettings,
  parseEnv,
  port,
} from "@takings/runtime";
import { z } from "zod";

/** What the environment of the consumer configures. */
export type Settings = {
  readonly adminPort: number;
  /** The one address to listen on; all of them when `undefined`. */
  readonly host: string | undefined;
  readonly logLevel: LogLevel;
  readonly nats: NatsServer;
  readonly databaseUrl: string;
  readonly stripeAccountId: string | undefined;
  /** The file with the accounts of the sources other than the default one. */
  readonly sourcesFile: string | undefined;
  readonly batchSize: number;
  /** Which bodies are stored: all, or only those in quarantine. */
  readonly payloadMode: "full" | "ledger";
};

const schema = z.object({
  ADMIN_PORT: port().default(9090),
  HOST: host().optional(),
  LOG_LEVEL: logLevel,
  ...natsSettings,
  ...databaseSettings,
  STRIPE_ACCOUNT_ID: accountId().optional(),
  STRIPE_SOURCES_FILE: z.string().optional(),
  BATCH_SIZE: integer(1, 5_000).default(500),
  PAYLOAD_MODE: z.enum(["full", "ledger"], "must be full or ledger").default("full"),
});

/** Reads the settings from the environment. @throws ConfigError naming every bad key at once. */
export function readSettings(environment: Environment): Settings {
  const env = parseEnv(schema, environment);
  return Object.freeze({
    adminPort: env.ADMIN_PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    nats: natsServer(env),
    databaseUrl: databaseUrl(env),
    stripeAccountId: env.STRIPE_ACCOUNT_ID,
    sourcesFile: env.STRIPE_SOURCES_FILE,
    batchSize: env.BATCH_SIZE,
    payloadMode: env.PAYLOAD_MODE,
  });
}
