import { type Environment, host, logLevel, parseEnv, port } from "@takings/runtime";
import { z } from "zod";
import { durationMs } from "../../settings/duration.ts";
import { openEndpointPlace, type PlaceOptions } from "../secret-place.ts";
import { type EndpointTarget, readEndpointTarget } from "../settings.ts";
import type { WatchSettings } from "./service.ts";

/** The options of the watch. */
export type WatchOptions = PlaceOptions & { readonly adopt?: true };

const minIntervalMs = 1_000;
const maxIntervalMs = 3_600_000;

const schema = z.object({
  ADMIN_PORT: port().default(9090),
  HOST: host().optional(),
  LOG_LEVEL: logLevel,
  ENDPOINT_WATCH_INTERVAL: durationMs()
    .refine((ms) => ms >= minIntervalMs && ms <= maxIntervalMs, "must be from 1s to 1h")
    .prefault("60s"),
});

/** Reads the settings of the watch. `readTarget` reads a key file again on each call. @throws ConfigError */
export function readWatchSettings(
  environment: Environment,
  options: WatchOptions,
): Omit<WatchSettings, "openStripe"> & { readonly readTarget: () => EndpointTarget } {
  const env = parseEnv(schema, environment);
  const { target, secrets, record } = openEndpointPlace(environment, options);
  return {
    wanted: target.wanted,
    readTarget: () => readEndpointTarget(environment, options),
    secrets,
    record,
    adopt: options.adopt === true,
    intervalMs: env.ENDPOINT_WATCH_INTERVAL,
    adminPort: env.ADMIN_PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
  };
}
