import type { DurabilityNeeds } from "@takings/nats";
import {
  addresses,
  type AddressList,
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
  privateAddresses,
  url,
} from "@takings/runtime";
import { z } from "zod";

/** What the environment of ingress configures. */
export type Settings = {
  readonly port: number;
  readonly adminPort: number;
  /** The one address to listen on; all of them when `undefined`. */
  readonly host: string | undefined;
  readonly logLevel: LogLevel;
  readonly nats: NatsServer;
  /** Where the signing secrets of the default source are; neither is set where only other sources are served. */
  readonly signingSecrets: { readonly text: string | undefined; readonly file: string | undefined };
  /** The file of the other sources. */
  readonly sourcesFile: string | undefined;
  readonly maxBodyBytes: number;
  readonly maxInFlight: { readonly requests: number; readonly bytes: number };
  /** The addresses of proxies, which many clients share, and whose `X-Forwarded-For` names the client. */
  readonly proxies: AddressList;
  /** The file with the addresses that may send webhooks; without it all may. */
  readonly allowedAddressesFile: string | undefined;
  /** What server and stream must fulfil; `undefined` with `DURABILITY_CHECK=off`. */
  readonly durabilityNeeds: DurabilityNeeds | undefined;
};

/** Subject, event id and trace context are sent in addition to the body. */
const headerBytes = 4_096;

// Also checked when other keys are bad, so that all bad keys are named at once.
const always = { when: () => true };

const schema = z
  .object({
    PORT: port().default(8080),
    ADMIN_PORT: port().default(9090),
    HOST: host().optional(),
    LOG_LEVEL: logLevel,
    ...natsSettings,
    NATS_MONITOR_URL: z
      .string()
      .transform((text) => text.split(",").map((one) => one.trim()))
      .refine(
        (urls) => urls.every((one) => url("http", "https").safeParse(one).success),
        "must be a URL starting with http:// or https://, or several separated by commas",
      )
      .optional(),
    STRIPE_WEBHOOK_SECRETS: z.string().optional(),
    STRIPE_WEBHOOK_SECRETS_FILE: z.string().optional(),
    STRIPE_SOURCES_FILE: z.string().optional(),
    MAX_BODY_BYTES: integer(1_024, 8_000_000).default(512 * 1_024),
    MAX_IN_FLIGHT_BYTES: integer(1_000_000, 1_000_000_000).default(32_000_000),
    MAX_IN_FLIGHT_REQUESTS: integer(1, 100_000).default(1_024),
    TRUST_PROXY: addresses().optional(),
    ALLOWED_ADDRESSES_FILE: z.string().optional(),
    REQUIRE_STREAM_REPLICAS: integer(1, 5).default(1),
    DURABILITY_CHECK: z.enum(["on", "off"], "must be on or off").default("on"),
  })
  .refine(hasSecrets, {
    path: ["STRIPE_WEBHOOK_SECRETS"],
    message:
      "is required, or STRIPE_WEBHOOK_SECRETS_FILE, or STRIPE_SOURCES_FILE: without a secret anyone could send events",
    ...always,
  })
  .refine((env) => env.NATS_MONITOR_URL !== undefined || env.DURABILITY_CHECK === "off", {
    path: ["NATS_MONITOR_URL"],
    message: "is required to check that the server syncs before it confirms, or set DURABILITY_CHECK=off",
    ...always,
  })
  // Behind a load balancer that hides the client's address behind one of the cluster, the client itself writes the header.
  .refine((env) => env.ALLOWED_ADDRESSES_FILE === undefined || env.TRUST_PROXY !== undefined, {
    path: ["TRUST_PROXY"],
    message:
      "is required with ALLOWED_ADDRESSES_FILE: the proxies that set X-Forwarded-For themselves, or none",
    ...always,
  });

/** Reads the settings from the environment. @throws ConfigError naming every bad key at once. */
export function readSettings(environment: Environment): Settings {
  const env = parseEnv(schema, environment);
  return Object.freeze({
    port: env.PORT,
    adminPort: env.ADMIN_PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
    nats: natsServer(env),
    signingSecrets: { text: env.STRIPE_WEBHOOK_SECRETS, file: env.STRIPE_WEBHOOK_SECRETS_FILE },
    sourcesFile: env.STRIPE_SOURCES_FILE,
    maxBodyBytes: env.MAX_BODY_BYTES,
    maxInFlight: { requests: env.MAX_IN_FLIGHT_REQUESTS, bytes: env.MAX_IN_FLIGHT_BYTES },
    proxies: env.TRUST_PROXY ?? privateAddresses,
    allowedAddressesFile: env.ALLOWED_ADDRESSES_FILE,
    durabilityNeeds: durabilityNeeds(env),
  });
}

function hasSecrets(env: {
  readonly STRIPE_WEBHOOK_SECRETS?: string | undefined;
  readonly STRIPE_WEBHOOK_SECRETS_FILE?: string | undefined;
  readonly STRIPE_SOURCES_FILE?: string | undefined;
}): boolean {
  return (
    (env.STRIPE_WEBHOOK_SECRETS ?? env.STRIPE_WEBHOOK_SECRETS_FILE ?? env.STRIPE_SOURCES_FILE) !== undefined
  );
}

/**
 * What server and stream must fulfil, whether or not ingress checks it, read without the settings that only ingress needs.
 * Without `NATS_MONITOR_URL` there are no `monitorUrls`.
 * @throws ConfigError naming every bad key at once.
 */
export function readDurabilityNeeds(environment: Environment): DurabilityNeeds {
  const { NATS_CA_FILE, NATS_MONITOR_URL, MAX_BODY_BYTES, REQUIRE_STREAM_REPLICAS } = schema.shape;
  const fields = { NATS_CA_FILE, NATS_MONITOR_URL, MAX_BODY_BYTES, REQUIRE_STREAM_REPLICAS };
  return needsOf(parseEnv(z.object(fields), environment));
}

function durabilityNeeds(env: z.output<typeof schema>): DurabilityNeeds | undefined {
  return env.DURABILITY_CHECK === "off" ? undefined : needsOf(env);
}

type NeedSettings = Pick<
  z.output<typeof schema>,
  "NATS_CA_FILE" | "NATS_MONITOR_URL" | "MAX_BODY_BYTES" | "REQUIRE_STREAM_REPLICAS"
>;

function needsOf(env: NeedSettings): DurabilityNeeds {
  return {
    monitorUrls: env.NATS_MONITOR_URL ?? [],
    caFile: env.NATS_CA_FILE,
    replicas: env.REQUIRE_STREAM_REPLICAS,
    messageBytes: env.MAX_BODY_BYTES + headerBytes,
  };
}
