import type { DurabilityNeeds } from "@takings/nats";
import { type Environment, host, integer, logLevel, parseEnv, port, url } from "@takings/runtime";
import { z } from "zod";

// Checked even where other keys are wrong, so that every bad key is named at once.
const always = { when: () => true };

const schema = z
  .object({
    PORT: port().default(8080),
    ADMIN_PORT: port().default(9090),
    HOST: host().optional(),
    LOG_LEVEL: logLevel,
    NATS_URL: url("nats", "tls"),
    NATS_CREDS_FILE: z.string().optional(),
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
    MAX_BODY_BYTES: integer(1_024, 8_000_000).default(512 * 1_024),
    MAX_IN_FLIGHT_BYTES: integer(1_000_000, 1_000_000_000).default(32_000_000),
    MAX_IN_FLIGHT_REQUESTS: integer(1, 100_000).default(1_024),
    REQUIRE_STREAM_REPLICAS: integer(1, 5).default(1),
    DURABILITY_CHECK: z.enum(["on", "off"], "must be on or off").default("on"),
  })
  .refine((env) => (env.STRIPE_WEBHOOK_SECRETS ?? env.STRIPE_WEBHOOK_SECRETS_FILE) !== undefined, {
    path: ["STRIPE_WEBHOOK_SECRETS"],
    message: "is required, or STRIPE_WEBHOOK_SECRETS_FILE: without a secret anyone could send events",
    ...always,
  })
  .refine((env) => env.NATS_MONITOR_URL !== undefined || env.DURABILITY_CHECK === "off", {
    path: ["NATS_MONITOR_URL"],
    message: "is required to check that the server syncs before it confirms, or set DURABILITY_CHECK=off",
    ...always,
  });

/** What ingress is told by its environment. */
export type Settings = Readonly<z.output<typeof schema>>;

/** @throws ConfigError naming every bad key at once. */
export function readSettings(env: Environment): Settings {
  return Object.freeze(parseEnv(schema, env));
}

/** Subject, event id and trace context come on top of the body. */
const headerBytes = 4_096;

/** What the stream must be like for these settings, or `undefined` where that is not to be checked. */
export function durabilityNeeds(settings: Settings): DurabilityNeeds | undefined {
  if (settings.DURABILITY_CHECK === "off" || settings.NATS_MONITOR_URL === undefined) return undefined;
  return {
    monitorUrls: settings.NATS_MONITOR_URL,
    replicas: settings.REQUIRE_STREAM_REPLICAS,
    messageBytes: settings.MAX_BODY_BYTES + headerBytes,
  };
}
