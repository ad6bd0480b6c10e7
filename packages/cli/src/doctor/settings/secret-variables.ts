import { readFile } from "node:fs/promises";
import {
  bearerTokenShape,
  type Environment,
  readSources,
  secretIn,
  type SecretShape,
  type Sources,
  signingSecretShape,
} from "@takings/runtime";
import { isSet } from "../connections.ts";

/** A variable with secrets; its `_FILE` names a file with more of them. */
export type SecretVariable = { readonly name: string; readonly shape: SecretShape | undefined };

/** The variables whose values are lists of secrets. */
export const secretVariables: readonly SecretVariable[] = [
  { name: "STRIPE_WEBHOOK_SECRETS", shape: signingSecretShape },
  { name: "API_TOKENS", shape: bearerTokenShape },
  { name: "STRIPE_API_KEY", shape: undefined },
];

/** The variables that name files with secrets. */
export const secretFileVariables: readonly string[] = [
  ...secretVariables.map(({ name }) => `${name}_FILE`),
  "NATS_CREDS_FILE",
  "STRIPE_SOURCES_FILE",
  "STRIPE_ENDPOINT_SECRET_FILE",
];

/** The variables whose URLs can contain a password. */
export const urlVariables: readonly string[] = ["DATABASE_URL", "NATS_URL"];

/** A shorter one may be part of an innocent text. */
const minLength = 8;

/** Every secret that this environment holds, and the variable that it is from. Unreadable files are left out. */
export async function knownSecrets(environment: Environment): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  const add = (text: string, name: string): void => {
    for (const word of text.split(/[\s,]+/)) if (word.length >= minLength) known.set(word, name);
  };
  for (const { name, shape } of secretVariables) {
    const secretsIn = (text: string): string =>
      shape?.secretOf === undefined
        ? text
        : shape
            .split(text)
            .map((word) => secretIn(word, shape))
            .join(" ");
    add(secretsIn(environment[name] ?? ""), name);
    const file = environment[`${name}_FILE`];
    if (file !== undefined && isSet(environment, `${name}_FILE`))
      add(secretsIn(await readFile(file, "utf8").catch(() => "")), `${name}_FILE`);
  }
  for (const { webhookSecrets, webhookSecretsFile: file } of sourcesOf(environment)?.values() ?? []) {
    for (const secret of webhookSecrets) add(secret, "STRIPE_SOURCES_FILE");
    if (file !== undefined) add(await readFile(file, "utf8").catch(() => ""), "webhook_secrets_file");
  }
  for (const name of urlVariables)
    for (const url of (environment[name] ?? "").split(","))
      add(decoded(URL.parse(url.trim())?.password ?? ""), name);
  return known;
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

/** The sources in the file, `undefined` where none is set or the file cannot be used, which another check reports. */
export function sourcesOf(environment: Environment): Sources | undefined {
  if (!isSet(environment, "STRIPE_SOURCES_FILE")) return undefined;
  try {
    return readSources(environment["STRIPE_SOURCES_FILE"] ?? "");
  } catch {
    return undefined;
  }
}
