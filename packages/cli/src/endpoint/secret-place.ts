import { defaultSource } from "@takings/domain";
import type { SecretStore } from "@takings/endpoint";
import { ConfigError, type Environment } from "@takings/runtime";
import { clusterAccess } from "./kubernetes/cluster-access.ts";
import { type ClusterEvent, recordEvent } from "./kubernetes/event-recorder.ts";
import { openSecretKey } from "./kubernetes/secret-key.ts";
import { openKubernetesSecretStore } from "./kubernetes/secret-store.ts";
import { secretList, sourceSecrets } from "./kubernetes/secret-texts.ts";
import { createSecretFile } from "./secret-file.ts";
import {
  type EndpointOptions,
  type EndpointTarget,
  readEndpointSettings,
  readEndpointTarget,
} from "./settings.ts";

/** The options that say where the signing secrets are: `secretFile`, or in a pod a Secret of its namespace. */
export type PlaceOptions = EndpointOptions & {
  readonly kubernetesSecret?: string;
  /** The key of that Secret with the file of the sources. */
  readonly sourcesKey?: string;
};

/** An endpoint, and where its signing secrets are. */
export type EndpointPlace = {
  readonly target: EndpointTarget;
  readonly secrets: SecretStore;
  /** Creates an Event about the Secret; there is none where they are in a file. */
  readonly record?: (event: ClusterEvent) => Promise<void>;
};

/** The key of a Secret with nothing but signing secrets. */
const secretsKey = "STRIPE_WEBHOOK_SECRETS";

/** Reads the settings and opens the store; options replace variables. Contacts nothing yet. @throws ConfigError */
export function openEndpointPlace(environment: Environment, options: PlaceOptions): EndpointPlace {
  const { secretFile } = options;
  const name = kubernetesSecretOf(environment, options);
  if (name === undefined) {
    if (options.sourcesKey !== undefined)
      throw new ConfigError(["--sources-key: needs --kubernetes-secret, the Secret that has this key"]);
    const settings = readEndpointSettings(environment, options);
    return { target: settings, secrets: createSecretFile(settings.secretFile) };
  }
  if (options.kubernetesSecret !== undefined && secretFile !== undefined)
    throw new ConfigError(["--kubernetes-secret: cannot be used together with --secret-file"]);
  const sourcesKey = options.sourcesKey ?? valueOf(environment, "STRIPE_ENDPOINT_SOURCES_KEY");
  const target = readEndpointTarget(environment, options);
  if (sourcesKey !== undefined && target.source === defaultSource)
    throw new ConfigError(["--sources-key: needs --source, because the source default is not in that file"]);
  const access = clusterAccess(environment);
  const key = openSecretKey(access, name, sourcesKey ?? secretsKey);
  const text = sourcesKey === undefined ? secretList : sourceSecrets(target.source);
  return {
    target,
    secrets: openKubernetesSecretStore(key, text),
    record: (event) => recordEvent(access, key.reference(), event),
  };
}

/** A file that is named by an option comes before a Secret that is named by the variable. */
function kubernetesSecretOf(
  environment: Environment,
  { kubernetesSecret, secretFile }: PlaceOptions,
): string | undefined {
  if (kubernetesSecret !== undefined || secretFile !== undefined) return kubernetesSecret;
  return valueOf(environment, "STRIPE_ENDPOINT_KUBERNETES_SECRET");
}

function valueOf(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}
