import { createHash } from "node:crypto";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
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

/** Kubernetes swaps a mounted Secret by a symbolic link, which only a look at the target notices. */
const fileCheckMs = 1_000;

/**
 * A file that becomes unreadable or empty changes nothing: the secrets read before stay live.
 * @throws ConfigError when there is no secret to begin with: a service that accepts unsigned events must not start.
 */
export function loadSigningSecrets(source: SecretSource, log: Logger): SigningSecrets {
  const file = source.STRIPE_WEBHOOK_SECRETS_FILE;
  const fixed = parse(source.STRIPE_WEBHOOK_SECRETS ?? "");
  const read = (): readonly SigningSecret[] => [
    ...fixed,
    ...(file === undefined ? [] : parse(readFileSync(file, "utf8"))),
  ];
  let current = firstRead(read);
  const reload = (): void => {
    try {
      const fresh = read();
      if (fresh.length === 0) throw new Error(`${file} has no secret in it`);
      current = fresh;
      log.info({ fingerprints: fresh.map(({ fingerprint }) => fingerprint) }, "secrets_reloaded");
    } catch (err) {
      log.error({ err }, "secrets_not_reloaded");
    }
  };
  if (file !== undefined) watchFile(file, { interval: fileCheckMs, persistent: false }, reload);
  return {
    current: () => current,
    close: () => file !== undefined && unwatchFile(file, reload),
  };
}

function firstRead(read: () => readonly SigningSecret[]): readonly SigningSecret[] {
  try {
    const secrets = read();
    if (secrets.length > 0) return secrets;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`STRIPE_WEBHOOK_SECRETS_FILE: cannot be read: ${reason}`]);
  }
  throw new ConfigError(["STRIPE_WEBHOOK_SECRETS: no secret given: anyone could send events"]);
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
