import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";
import type { Logger } from "./logger.ts";
import { parseSecrets, type SecretShape } from "./secret-shape.ts";

/** Where secrets come from: a text, and a file that is read again when it changes. Both are used. */
export type SecretSource = {
  /** The environment variable of the text; that of the file ends in `_FILE`. */
  readonly name: string;
  readonly text: string | undefined;
  readonly file: string | undefined;
  /** The syntax of a secret; by default any word of visible ASCII. */
  readonly shape?: SecretShape;
};

/** The secrets in use now; the same array until they change. */
export type SecretList = () => readonly string[];

/** Called after each change of the file with whether its secrets are used, or the previous ones. */
export type FileListener = (isUsable: boolean) => void;

/** The file is read again, when secrets are needed, after this time. This needs no timer. */
const maxCheckAgeMs = 1_000;

/**
 * Reads secrets and follows changes of their file. When the file later is unreadable, empty, or not a list of secrets, the
 * previous secrets stay in use, so that a failed rotation neither locks senders out nor lets anyone in.
 * @throws ConfigError when there is no valid secret at the start, or an invalid one among them.
 */
export function followSecrets(
  source: SecretSource,
  log: Logger,
  onFile: FileListener = () => {},
): SecretList {
  const { name, text, file, shape } = source;
  const fixed = parseSecrets(name, text ?? "", shape);
  if (file === undefined) {
    if (fixed.length === 0) throw new ConfigError([`${name}: is required, or ${name}_FILE`]);
    return () => fixed;
  }
  // The text itself is compared: the file system's timestamps are too coarse, and its notifications miss a change between
  // reading the file and subscribing.
  let known = read(file);
  if (known.text === undefined) throw new ConfigError([`${name}_FILE: cannot be read: ${known.error}`]);
  let inFile = parseSecrets(`${name}_FILE`, known.text, shape);
  if (inFile.length + fixed.length === 0) throw new ConfigError([`${name}_FILE: contains no secret`]);
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
      if (fresh.length === 0) throw new ConfigError([`${name}_FILE: contains no secret`]);
      if (isCutOff(fresh, inFile))
        throw new ConfigError([`${name}_FILE: ends within a secret; it is probably still being written`]);
      if (isTooShort(fresh, inFile))
        throw new ConfigError([
          `${name}_FILE: contains a new secret of fewer than ${minNewLength} characters, shorter than all previous ones: it may be truncated; if it is correct, restart`,
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

/** Secrets made up for tests are shorter, and one may be a prefix of another. */
const minRealLength = 32;

/** A secret of this length cannot be guessed. */
const minNewLength = 24;

/** Whether a new secret could be guessed: a truncated one, or a word such as `Forbidden` from an error page. */
function isTooShort(fresh: readonly string[], before: readonly string[]): boolean {
  const isShort = (secret: string): boolean => secret.length < minNewLength;
  return !before.some(isShort) && fresh.some((secret) => isShort(secret) && !before.includes(secret));
}

/** Whether the file was read while it was being written: a truncated secret may be short enough to be guessed. */
function isCutOff(fresh: readonly string[], before: readonly string[]): boolean {
  const last = fresh.at(-1) ?? "";
  const isPartOf = (secret: string): boolean => secret !== last && secret.startsWith(last);
  return before.some((secret) => secret.length >= minRealLength && isPartOf(secret));
}
