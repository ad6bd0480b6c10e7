import {
  accountId,
  addresses,
  type AddressList,
  databaseSettings,
  databaseUrl,
  type Environment,
  flag,
  host,
  integer,
  type LogLevel,
  logLevel,
  parseEnv,
  port,
  url,
} from "@takings/runtime";
import { z } from "zod";

/** What the environment of revenue-query configures. */
export type Settings = {
  readonly port: number;
  readonly adminPort: number;
  /** The one address to listen on; all of them when `undefined`. */
  readonly host: string | undefined;
  readonly logLevel: LogLevel;
  readonly databaseUrl: string;
  readonly poolSize: number;
  readonly stripeAccountId: string | undefined;
  /** Where accepted tokens come from; with neither, anonymous access is allowed. */
  readonly tokens: { readonly text: string | undefined; readonly file: string | undefined };
  /** Requests that one caller may send per minute; 0 is unlimited. */
  readonly requestsPerMinute: number;
  /** Where people open the page; cookies are `Secure` where it begins with `https:`. */
  readonly publicUrl: string | undefined;
  /** The header in which an authenticating proxy names the user of the page. */
  readonly userHeader: string | undefined;
  /** The proxies in front, whose `X-Forwarded-For` names the client; `undefined`: nobody's does. */
  readonly proxies: AddressList | undefined;
  readonly defaultLivemode: boolean;
};

const schema = z
  .object({
    PORT: port().default(8081),
    ADMIN_PORT: port().default(9090),
    HOST: host().optional(),
    LOG_LEVEL: logLevel,
    ...databaseSettings,
    DATABASE_POOL_SIZE: integer(1, 100).default(10),
    STRIPE_ACCOUNT_ID: accountId().optional(),
    API_TOKENS: z.string().optional(),
    API_TOKENS_FILE: z.string().optional(),
    ALLOW_ANONYMOUS: flag().default(false),
    RATE_LIMIT_PER_MINUTE: integer(0, 1_000_000).default(600),
    PUBLIC_URL: url("http", "https").optional(),
    PAGE_USER_HEADER: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]*$/, "must be the name of a header, such as X-Forwarded-User")
      .optional(),
    TRUST_PROXY: addresses().optional(),
    DEFAULT_LIVEMODE: flag().default(true),
  })
  .refine((env) => env.API_TOKENS ?? env.API_TOKENS_FILE ?? env.ALLOW_ANONYMOUS, {
    path: ["API_TOKENS"],
    message:
      "is required, or API_TOKENS_FILE, or ALLOW_ANONYMOUS=true: without tokens anyone could read the revenue",
    // Also checked when other keys are bad, so that all bad keys are named at once.
    when: () => true,
  });

/** Reads the settings from the environment. @throws ConfigError naming every bad key at once. */
export function readSettings(environment: Environment): Settings {
  const env = parseEnv(schema, environment);
  return Object.freeze({
    port: env.PORT,
    adminPort: env.ADMIN_PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    databaseUrl: databaseUrl(env),
    poolSize: env.DATABASE_POOL_SIZE,
    stripeAccountId: env.STRIPE_ACCOUNT_ID,
    tokens: { text: env.API_TOKENS, file: env.API_TOKENS_FILE },
    publicUrl: env.PUBLIC_URL,
    userHeader: env.PAGE_USER_HEADER,
    proxies: env.TRUST_PROXY,
    requestsPerMinute: env.RATE_LIMIT_PER_MINUTE,
    defaultLivemode: env.DEFAULT_LIVEMODE,
  });
}
