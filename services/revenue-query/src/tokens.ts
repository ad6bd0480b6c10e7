import { createHash, timingSafeEqual } from "node:crypto";
import { bearerTokenShape, type FileListener, followSecrets, type Logger } from "@takings/runtime";

/** Whether a bearer token is one of those accepted now. */
export type TokenCheck = (token: string) => boolean;

/** Where they come from; tokens of both are accepted. */
export type TokenSource = { readonly text: string | undefined; readonly file: string | undefined };

/**
 * Reads the tokens, and their file again whenever it changes. `undefined` when no source is configured, and so
 * everyone may ask.
 * @throws ConfigError when a source is configured and has no usable token.
 */
export function loadTokens(
  { text, file }: TokenSource,
  log: Logger,
  onFile?: FileListener,
): TokenCheck | undefined {
  if (text === undefined && file === undefined) return undefined;
  const follow = followSecrets({ name: "API_TOKENS", text, file, shape: bearerTokenShape }, log, onFile);
  let known = follow();
  // Digests are equal in length, as the comparison needs.
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

/** Compares with every one, so that the time taken says nothing about which one matched. */
function isAmong(digests: readonly Buffer[], wanted: Buffer): boolean {
  return digests.reduce((isFound, digest) => timingSafeEqual(digest, wanted) || isFound, false);
}

function sha256(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
