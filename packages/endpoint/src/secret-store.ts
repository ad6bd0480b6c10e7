import { createHash } from "node:crypto";

/**
 * Where the signing secrets are that the ingress accepts: a file, or a Kubernetes Secret. @throws TakingsError saying what
 * cannot be read or written, and never a secret.
 */
export type SecretStore = {
  /** The secrets now; none where nothing was ever written. */
  read(): Promise<readonly string[]>;
  /**
   * Replaces the secrets by what `change` makes of them, completely or not at all. `change` is called again where somebody
   * else changed them in the meantime.
   */
  update(change: (secrets: readonly string[]) => readonly string[]): Promise<void>;
  /** Fails where {@link update} would fail. It is called before an endpoint is created, whose secret must be kept. */
  requireWritable(): Promise<void>;
};

/** Names a secret without revealing it: the first eight hex digits of its SHA-256. */
export function fingerprintOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 8);
}
