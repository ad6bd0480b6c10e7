import { createHash, timingSafeEqual } from "node:crypto";
import { bearerTokenShape, type FileListener, followSecrets, type Logger } from "@takings/runtime";

/** Whether a bearer token is currently accepted. */
export type TokenCheck = (token: string) => boolean;

/** Where accepted tokens are configured; those of both places are accepted. */
export type TokenSource = { readonly text: string | undefined; readonly file: string | undefined };

/**
 * Loads the tokens, and reloads their file whenever it changes. `undefined` if neither source is configured, which
 * means that anonymous access is allowed.
 * @throws ConfigError if a source is configured and has no usable token.
 */
export function loadTokens(
  { text, file }: TokenSource,
  log: Logger,
  onFile?: FileListener,
): TokenCheck | undefined {
  if (text === undefined && file === undefined) return undefined;
  const follow = followSecrets({ name: "API_TOKENS", text, file, shape: bearerTokenShape }, log, onFile);
  let known = follow();
  // `timingSafeEqual` requires equal lengths, which digests have.
  let digests = known.map(sha256);
  return (token) => {
    const tokens = follow();
    if (tokens !== known) {
      known = tokens;
      digests = tokens.map(sha256);
    }
    return isAmong(digests, sha256(token));
  };
}

/** Compares with every digest, so that the time taken does not reveal which one matched. */
function isAmong(digests: readonly Buffer[], wanted: Buffer): boolean {
  return digests.reduce((isFound, digest) => timingSafeEqual(digest, wanted) || isFound, false);
}

function sha256(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
