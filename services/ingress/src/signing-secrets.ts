import { createHash } from "node:crypto";
import { defaultSource } from "@takings/domain";
import {
  type FileListener,
  followSecrets,
  type Logger,
  type SecretShape,
  signingSecretShape,
} from "@takings/runtime";

/** One of the secrets with which Stripe may sign. */
export type SigningSecret = {
  readonly secret: string;
  /** Identifies the secret in metrics and logs without revealing any part of it. */
  readonly fingerprint: string;
};

/** The secrets in use now: during a rotation the old one and the new one. */
export type SigningSecrets = () => readonly SigningSecret[];

/** Where the secrets come from: a text, a file, or both. */
export type SecretsLocation = { readonly text?: string | undefined; readonly file?: string | undefined };

/** What {@link loadSigningSecrets} depends on. */
export type SecretsDependencies = {
  readonly log: Logger;
  /** Called for each secret of a source when it comes into use. */
  readonly onLive: (source: string, fingerprint: string) => void;
  readonly onFile?: FileListener;
  readonly shape?: SecretShape;
};

/**
 * Loads the secrets, and reloads their file whenever it changes.
 * @throws ConfigError when there is no secret at the start: a service that accepts unsigned events must not run.
 */
export function loadSigningSecrets(
  { text, file }: SecretsLocation,
  { log, onLive, onFile, shape = signingSecretShape }: SecretsDependencies,
): SigningSecrets {
  const source = { name: "STRIPE_WEBHOOK_SECRETS", text, file, shape, mayAppear: true };
  const follow = followSecrets(source, log, onFile);
  let known: readonly string[] = [];
  let live: readonly SigningSecret[] = [];
  const current = (): readonly SigningSecret[] => {
    const secrets = follow();
    if (secrets === known) return live;
    known = secrets;
    live = signingSecrets(secrets);
    for (const one of live) onLive(defaultSource, one.fingerprint);
    return live;
  };
  current();
  return current;
}

/** The secrets with their fingerprints. */
export function signingSecrets(secrets: readonly string[]): readonly SigningSecret[] {
  return secrets.map((secret) => ({ secret, fingerprint: fingerprint(secret) }));
}

function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 8);
}
