import { readFileSync } from "node:fs";
import { defaultSource } from "@takings/domain";
import { ConfigError, readSources } from "@takings/runtime";

/** Where the signing secrets of ingress are. */
export type SecretSettings = {
  readonly STRIPE_WEBHOOK_SECRETS?: string | undefined;
  readonly STRIPE_WEBHOOK_SECRETS_FILE?: string | undefined;
  readonly STRIPE_SOURCES_FILE?: string | undefined;
};

/** The first signing secret of a source. @throws ConfigError when there is none. */
export function signingSecret(settings: SecretSettings, source: string): string {
  if (source !== defaultSource) return secretInSources(settings.STRIPE_SOURCES_FILE, source);
  const secret = firstOf(settings.STRIPE_WEBHOOK_SECRETS, settings.STRIPE_WEBHOOK_SECRETS_FILE);
  if (secret !== undefined) return secret;
  throw new ConfigError([
    "STRIPE_WEBHOOK_SECRETS: is required, or STRIPE_WEBHOOK_SECRETS_FILE: ingress accepts only signed events",
  ]);
}

/** The first of several secrets or tokens, from a variable or else from a file. */
export function firstOf(text: string | undefined, file: string | undefined): string | undefined {
  const found = text ?? (file === undefined ? undefined : readFileSync(file, "utf8"));
  return found?.split(/[\s,]+/).find((word) => word !== "");
}

function secretInSources(file: string | undefined, source: string): string {
  if (file === undefined)
    throw new ConfigError([`STRIPE_SOURCES_FILE: is required for the source ${source}: it has its secrets`]);
  const settings = readSources(file).get(source);
  if (settings === undefined) throw new ConfigError([`STRIPE_SOURCES_FILE: contains no source ${source}`]);
  const secret = firstOf(settings.webhookSecrets[0], settings.webhookSecretsFile);
  if (secret !== undefined) return secret;
  throw new ConfigError([`STRIPE_SOURCES_FILE: source ${source}: webhook_secrets_file: contains no secret`]);
}
