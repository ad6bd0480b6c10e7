import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ConfigError, type Logger } from "@takings/runtime";

/** One of the secrets with which Stripe may sign. */
export type SigningSecret = {
  readonly secret: string;
  /** Tells secrets apart in metrics and logs without giving anything of them away. */
  readonly fingerprint: string;
};

/** The secrets that are live now: during a rotation the old one and the new one. */
export type SigningSecrets = {
  readonly current: () => readonly SigningSecret[];
  close(): void;
};

/** Where they come from: a text, comma separated, and a file, comma or line separated, read again when it changes. */
export type SecretSource = {
  readonly STRIPE_WEBHOOK_SECRETS?: string | undefined;
  readonly STRIPE_WEBHOOK_SECRETS_FILE?: string | undefined;
};

export type SecretsDependencies = {
  readonly log: Logger;
  /** Told of each secret when it is read for the first time and again. */
  readonly onLive: (fingerprint: string) => void;
};

/**
 * The text itself is compared: Kubernetes swaps a mounted Secret by a symbolic link, and a watch of the file
 * would never tell of a change that came just before it began.
 */
const fileCheckMs = 1_000;

/**
 * A file that becomes unreadable or empty changes nothing: the secrets read before stay live.
 * @throws ConfigError when there is no secret to begin with: a service that accepts unsigned events must not start.
 */
export function loadSigningSecrets(source: SecretSource, dependencies: SecretsDependencies): SigningSecrets {
  const { log, onLive } = dependencies;
  const file = source.STRIPE_WEBHOOK_SECRETS_FILE;
  const fixed = parse(source.STRIPE_WEBHOOK_SECRETS ?? "");
  let current: readonly SigningSecret[] = [];
  const use = (text: string): void => {
    current = [...fixed, ...parse(text)];
    for (const { fingerprint } of current) onLive(fingerprint);
  };
  let known: FileText = file === undefined ? { text: "" } : readText(file);
  if (known.text === undefined) {
    throw new ConfigError([`STRIPE_WEBHOOK_SECRETS_FILE: cannot be read: ${known.trouble}`]);
  }
  use(known.text);
  if (current.length === 0) {
    throw new ConfigError(["STRIPE_WEBHOOK_SECRETS: no secret given: anyone could send events"]);
  }
  const check = (path: string): void => {
    const found = readText(path);
    if (found.text === known.text && found.trouble === known.trouble) return;
    known = found;
    if (found.text === undefined || parse(found.text).length === 0) {
      log.error({ reason: found.trouble ?? `${path} has no secret in it` }, "secrets_not_reloaded");
      return;
    }
    use(found.text);
    log.info({ fingerprints: current.map(({ fingerprint }) => fingerprint) }, "secrets_reloaded");
  };
  const timer = file === undefined ? undefined : setInterval(() => check(file), fileCheckMs).unref();
  return { current: () => current, close: () => clearInterval(timer) };
}

/** What is in a file, or why that cannot be said. */
type FileText = { readonly text?: string; readonly trouble?: string };

function readText(file: string): FileText {
  try {
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    return { trouble: error instanceof Error ? error.message : String(error) };
  }
}

function parse(text: string): readonly SigningSecret[] {
  const secrets = text.split(/[,\r\n]/).map((secret) => secret.trim());
  return secrets
    .filter((secret) => secret !== "")
    .map((secret) => ({ secret, fingerprint: fingerprint(secret) }));
}

function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 8);
}
