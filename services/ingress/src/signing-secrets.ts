import { createHash } from "node:crypto";
import { type FileListener, followSecrets, type Logger, signingSecretShape } from "@takings/runtime";

/** One of the secrets with which Stripe may sign. */
export type SigningSecret = {
  readonly secret: string;
  /** Tells secrets apart in metrics and logs without giving anything of them away. */
  readonly fingerprint: string;
};

/** The secrets that are live now: during a rotation the old one and the new one. */
export type SigningSecrets = () => readonly SigningSecret[];

/** The settings that name them. */
export type SecretSettings = {
  readonly STRIPE_WEBHOOK_SECRETS?: string | undefined;
  readonly STRIPE_WEBHOOK_SECRETS_FILE?: string | undefined;
};

export type SecretsDependencies = {
  readonly log: Logger;
  /** Told of each secret when it goes live. */
  readonly onLive: (fingerprint: string) => void;
  readonly onFile?: FileListener;
};

/** @throws ConfigError when there is no secret to begin with: a service that accepts unsigned events must not start. */
export function loadSigningSecrets(
  settings: SecretSettings,
  { log, onLive, onFile }: SecretsDependencies,
): SigningSecrets {
  const { STRIPE_WEBHOOK_SECRETS: text, STRIPE_WEBHOOK_SECRETS_FILE: file } = settings;
  const source = { name: "STRIPE_WEBHOOK_SECRETS", text, file, shape: signingSecretShape };
  const follow = followSecrets(source, log, onFile);
  let known: readonly string[] = [];
  let live: readonly SigningSecret[] = [];
  const current = (): readonly SigningSecret[] => {
    const secrets = follow();
    if (secrets === known) return live;
    known = secrets;
    live = secrets.map((secret) => ({ secret, fingerprint: fingerprint(secret) }));
    for (const one of live) onLive(one.fingerprint);
    return live;
  };
  current();
  return current;
}

function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 8);
}
