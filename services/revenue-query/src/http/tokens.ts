import { createHash, hkdfSync, scryptSync, timingSafeEqual } from "node:crypto";
import {
  bearerTokenShape,
  ConfigError,
  type FileListener,
  followSecrets,
  type Logger,
  parseBearerToken,
  type TokenScope,
} from "@takings/runtime";

/** A token that is accepted. */
export type AcceptedToken = {
  /** Identifies the token without revealing it. */
  readonly id: string;
  readonly scope: TokenScope;
  /** Signs what is given to someone who sent this token, and dies with it. */
  readonly key: Buffer;
};

/** The tokens that are accepted now. */
export type Tokens = {
  /** The accepted token with this text. */
  readonly find: (token: string) => AcceptedToken | undefined;
  /** The accepted token with this {@link AcceptedToken.id}. */
  readonly withId: (id: string) => AcceptedToken | undefined;
  /** A key that all replicas with these tokens share, to sign what is given to strangers. */
  readonly sharedKey: () => Buffer;
};

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
): Tokens | undefined {
  if (text === undefined && file === undefined) return undefined;
  const follow = followSecrets({ name: "API_TOKENS", text, file, shape: bearerTokenShape }, log, onFile);
  let known = follow();
  let accepted = known.map(accept);
  let sharedKey: Buffer | undefined;
  const current = (): readonly KnownToken[] => {
    const lines = follow();
    if (lines === known) return accepted;
    known = lines;
    accepted = lines.map(accept);
    sharedKey = undefined;
    return accepted;
  };
  return {
    find(token) {
      const wanted = sha256(token);
      // All are compared, so that the time taken does not reveal which one matched.
      return current().filter(({ digest }) => timingSafeEqual(digest, wanted))[0];
    },
    withId: (id) => current().find((token) => token.id === id),
    sharedKey() {
      const digests = current().map(({ digest }) => digest);
      return (sharedKey ??= keyOfAll(digests));
    },
  };
}

/** `timingSafeEqual` requires equal lengths, which digests have. */
type KnownToken = AcceptedToken & { readonly digest: Buffer };

function accept(line: string): KnownToken {
  const parsed = parseBearerToken(line);
  if (typeof parsed === "string") throw new ConfigError([`API_TOKENS: ${parsed}`]);
  const { token, scope } = parsed;
  return {
    id: derive(token, "id", 16).toString("base64url"),
    scope,
    key: derive(token, "key", 32),
    digest: sha256(token),
  };
}

function derive(token: string, purpose: string, length: number): Buffer {
  return Buffer.from(hkdfSync("sha256", token, "", `takings token ${purpose}`, length));
}

/** Slow on purpose: strangers see what it signs, and must not find a short token by trying words. */
function keyOfAll(digests: readonly Buffer[]): Buffer {
  return scryptSync(Buffer.concat(digests.toSorted((a, b) => a.compare(b))), "takings forms", 32);
}

function sha256(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
