import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { ConfigError, type Logger } from "@takings/runtime";

/** The bearer tokens that are accepted now. */
export type Tokens = {
  readonly isAccepted: (token: string) => boolean;
  close(): void;
};

/** Where they come from; tokens of both are accepted. Separated by commas or line ends. */
export type TokenSource = { readonly text: string | undefined; readonly file: string | undefined };

/** Kubernetes swaps a mounted Secret by a symbolic link, which only a look at the target notices. */
const fileCheckMs = 1_000;

/**
 * Reads the tokens, and their file again whenever it changes; one that became unreadable or empty changes nothing.
 * `undefined` when no source is configured, and so everyone may ask.
 * @throws ConfigError when a source is configured and has no usable token.
 */
export function loadTokens({ text, file }: TokenSource, log: Logger): Tokens | undefined {
  if (text === undefined && file === undefined) return undefined;
  const fixed = text === undefined ? [] : parse("API_TOKENS", text);
  const read = (): readonly Buffer[] => (file === undefined ? fixed : [...fixed, ...readTokenFile(file)]);
  let current = read();
  const reload = (): void => {
    try {
      current = read();
      log.info({ tokens: current.length }, "tokens_reloaded");
    } catch (err) {
      log.error({ err }, "tokens_not_reloaded");
    }
  };
  if (file !== undefined) watchFile(file, { interval: fileCheckMs, persistent: false }, reload);
  return {
    isAccepted: (token) => isAmong(current, sha256(token)),
    close: () => file !== undefined && unwatchFile(file, reload),
  };
}

/** Compares with every one, so that the time taken says nothing about which one matched. */
function isAmong(digests: readonly Buffer[], wanted: Buffer): boolean {
  return digests.reduce((isFound, digest) => timingSafeEqual(digest, wanted) || isFound, false);
}

function readTokenFile(path: string): readonly Buffer[] {
  return parse("API_TOKENS_FILE", readText(path));
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
