import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { ConfigError, type Logger } from "@takings/runtime";

/** Whether a bearer token is one of those accepted now. */
export type TokenCheck = (token: string) => boolean;

/** Where they come from; tokens of both are accepted. Separated by commas or line ends. */
export type TokenSource = { readonly text: string | undefined; readonly file: string | undefined };

/** How old the look at the file may be. Looking when a token is checked needs no timer and nothing to stop. */
const lookEveryMs = 1_000;

/**
 * Reads the tokens, and their file again whenever it changes; one that became unreadable or empty changes nothing.
 * `undefined` when no source is configured, and so everyone may ask.
 * @throws ConfigError when a source is configured and has no usable token.
 */
export function loadTokens({ text, file }: TokenSource, log: Logger): TokenCheck | undefined {
  if (text === undefined && file === undefined) return undefined;
  const fixed = text === undefined ? [] : parse("API_TOKENS", text);
  const inFile = file === undefined ? () => [] : followFile(file, log);
  return (token) => isAmong([...fixed, ...inFile()], sha256(token));
}

/** The tokens of a file as it is now, or was a second ago. */
function followFile(path: string, log: Logger): () => readonly Buffer[] {
  // The version is taken before the content: a change between the two is then read once more, and never missed.
  let version = versionOf(path);
  let current = parse("API_TOKENS_FILE", readText(path));
  let lookedAt = performance.now();
  return () => {
    if (performance.now() - lookedAt < lookEveryMs) return current;
    lookedAt = performance.now();
    const found = versionOf(path);
    if (found === version) return current;
    version = found;
    try {
      current = parse("API_TOKENS_FILE", readText(path));
      log.info({ tokens: current.length }, "tokens_reloaded");
    } catch (err) {
      log.error({ err }, "tokens_not_reloaded");
    }
    return current;
  };
}

/** Changes whenever the content may have. Kubernetes swaps a mounted Secret, which gives the path another inode. */
function versionOf(path: string): string | undefined {
  try {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return `${dev}:${ino}:${size}:${mtimeMs}`;
  } catch {
    // Why it cannot be read is told by reading it.
    return undefined;
  }
}

/** Compares with every one, so that the time taken says nothing about which one matched. */
function isAmong(digests: readonly Buffer[], wanted: Buffer): boolean {
  return digests.reduce((isFound, digest) => timingSafeEqual(digest, wanted) || isFound, false);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`API_TOKENS_FILE: cannot be read: ${reason}`]);
  }
}

/** Only digests are kept: equal in length, as the comparison needs, and of no use to whoever reads our memory. */
function parse(key: string, text: string): readonly Buffer[] {
  const tokens = text.split(/[\s,]+/).filter((token) => token !== "");
  if (tokens.length === 0) throw new ConfigError([`${key}: has no token in it`]);
  if (tokens.some((token) => !/^[\x21-\x7e]+$/.test(token))) {
    throw new ConfigError([`${key}: has a token that no header can carry: use visible ASCII characters`]);
  }
  return tokens.map(sha256);
}

function sha256(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
