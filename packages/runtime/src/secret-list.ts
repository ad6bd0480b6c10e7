import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";
import type { Logger } from "./logger.ts";
import { parseSecrets, type SecretShape } from "./secret-shape.ts";

/** Where secrets come from: a text, and a file that is read again when it changes. Both count. */
export type SecretSource = {
  /** The environment variable of the text; that of the file has `_FILE` behind it. */
  readonly name: string;
  readonly text: string | undefined;
  readonly file: string | undefined;
  /** What one of them looks like; without it, any word of visible ASCII. */
  readonly shape?: SecretShape;
};

/** The secrets that are live now; the same array until they change. */
export type SecretList = () => readonly string[];

/** Told after each change of the file whether its secrets are live, or earlier ones in their place. */
export type FileListener = (isUsable: boolean) => void;

/** How old a look at the file may be. Looking when the secrets are needed leaves no timer to stop. */
const maxCheckAgeMs = 1_000;

/**
 * Follows secrets. A file that becomes unreadable, empty, or anything but a list of secrets later changes nothing: what
 * was read before stays live, so that a botched rotation locks nobody out and lets nobody in.
 * @throws ConfigError when there is no usable secret to begin with, or something among them that is none.
 */
export function followSecrets(
  source: SecretSource,
  log: Logger,
  onFile: FileListener = () => {},
): SecretList {
  const { name, text, file, shape } = source;
  const fixed = parseSecrets(name, text ?? "", shape);
  if (file === undefined) {
    if (fixed.length === 0) throw new ConfigError([`${name}: has no secret in it`]);
    return () => fixed;
  }
  // The text itself is compared: what a file system tells of a change is too coarse, and comes too late for one
  // that was made between reading the file and asking for news of it.
  let known = read(file);
  if (known.text === undefined) throw new ConfigError([`${name}_FILE: cannot be read: ${known.error}`]);
  let inFile = parseSecrets(`${name}_FILE`, known.text, shape);
  if (inFile.length + fixed.length === 0) throw new ConfigError([`${name}_FILE: has no secret in it`]);
  onFile(true);
  let current = [...fixed, ...inFile];
  let checkedAt = performance.now();
  return () => {
    if (performance.now() - checkedAt < maxCheckAgeMs) return current;
    checkedAt = performance.now();
    const found = read(file);
    if (found.text === known.text && found.error === known.error) return current;
    known = found;
    try {
      if (found.text === undefined) throw new ConfigError([`${name}_FILE: ${found.error}`]);
      const fresh = parseSecrets(`${name}_FILE`, found.text, shape);
      if (fresh.length === 0) throw new ConfigError([`${name}_FILE: has no secret in it`]);
      if (isCutOff(fresh, inFile)) throw new ConfigError([`${name}_FILE: ends in a part of a secret`]);
      if (isTooShort(fresh, inFile))
        throw new ConfigError([
          `${name}_FILE: has a new secret of fewer than ${minNewLength} characters, and all before were longer: it is cut off, or no secret; if it is one, restart`,
        ]);
      inFile = fresh;
      current = [...fixed, ...fresh];
      log.info({ source: name, secrets: current.length }, "secrets_reloaded");
      onFile(true);
    } catch (err) {
      log.error({ err }, "secrets_not_reloaded");
      onFile(false);
    }
    return current;
  };
}

function read(file: string): { readonly text?: string; readonly error?: string } {
  try {
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Those that tests make up are shorter, and one may well begin like another. */
const minRealLength = 32;

/** Nobody guesses this many characters. */
const minNewLength = 24;

/** Whether a new one could be guessed: the beginning of one that is still being written, or a word such as `Forbidden`. */
function isTooShort(fresh: readonly string[], before: readonly string[]): boolean {
  const isShort = (secret: string): boolean => secret.length < minNewLength;
  return !before.some(isShort) && fresh.some((secret) => isShort(secret) && !before.includes(secret));
}

/** Whether somebody was writing the file as it was read: the beginning of a secret may be short enough to be guessed. */
function isCutOff(fresh: readonly string[], before: readonly string[]): boolean {
  const last = fresh.at(-1) ?? "";
  const isPartOf = (secret: string): boolean => secret !== last && secret.startsWith(last);
  return before.some((secret) => secret.length >= minRealLength && isPartOf(secret));
}
