import { defaultSource } from "@takings/domain";
import type { SecretStore } from "@takings/endpoint";
import { ConfigError, type Environment, host, logLevel, parseEnv, port } from "@takings/runtime";
import { z } from "zod";
import { durationMs } from "../../settings/duration.ts";
import { clusterAccess } from "../kubernetes/cluster-access.ts";
import { recordEvent } from "../kubernetes/event-recorder.ts";
import { openSecretKey } from "../kubernetes/secret-key.ts";
import { openKubernetesSecretStore } from "../kubernetes/secret-store.ts";
import { secretList, sourceSecrets } from "../kubernetes/secret-texts.ts";
import { createSecretFile } from "../secret-file.ts";
import {
  type EndpointOptions,
  type EndpointTarget,
  readEndpointSettings,
  readEndpointTarget,
} from "../settings.ts";
import type { WatchSettings } from "./service.ts";

/** The options of the watch. */
export type WatchOptions = EndpointOptions & {
  readonly kubernetesSecret?: string;
  readonly sourcesKey?: string;
  readonly adopt?: true;
};

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

/** The key of a Secret with nothing but signing secrets. */
const secretsKey = "STRIPE_WEBHOOK_SECRETS";

/** Reads the settings of the watch. `readTarget` reads a key file again on each call. @throws ConfigError */
export function readWatchSettings(
  environment: Environment,
  options: WatchOptions,
): Omit<WatchSettings, "wanted" | "adopt" | "openStripe"> & { readonly readTarget: () => EndpointTarget } {
  const env = parseEnv(schema, environment);
  const readTarget = (): EndpointTarget => readEndpointTarget(environment, options);
  readTarget();
  return {
    ...storeOf(environment, options),
    readTarget,
    intervalMs: env.ENDPOINT_WATCH_INTERVAL,
    adminPort: env.ADMIN_PORT,
    host: env.HOST,
    logLevel: env.LOG_LEVEL,
  };
}

type Store = { readonly secrets: SecretStore; readonly record?: WatchSettings["record"] };

/** Where the secrets are, and who hears of changes. */
function storeOf(environment: Environment, options: WatchOptions): Store {
  const { kubernetesSecret: name, sourcesKey, secretFile, source = defaultSource } = options;
  if (name === undefined) {
    if (sourcesKey !== undefined)
      throw new ConfigError(["--sources-key: needs --kubernetes-secret, the Secret that has this key"]);
    return { secrets: createSecretFile(readEndpointSettings(environment, options).secretFile) };
  }
  if (secretFile !== undefined)
    throw new ConfigError(["--kubernetes-secret: cannot be used together with --secret-file"]);
  if (sourcesKey !== undefined && source === defaultSource)
    throw new ConfigError(["--sources-key: needs --source, because the source default is not in that file"]);
  const access = clusterAccess(environment);
  const key = openSecretKey(access, name, sourcesKey ?? secretsKey);
  const text = sourcesKey === undefined ? secretList : sourceSecrets(source);
  return {
    secrets: openKubernetesSecretStore(key, text),
    record: (event) => recordEvent(access, key.reference(), event),
  };
}
