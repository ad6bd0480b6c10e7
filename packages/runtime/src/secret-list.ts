import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";
import type { Logger } from "./logger.ts";

/** Where secrets come from: a text, and a file that is read again when it changes. Both count. */
export type SecretSource = {
  /** The environment variable of the text; that of the file has `_FILE` behind it. */
  readonly name: string;
  readonly text: string | undefined;
  readonly file: string | undefined;
};

/** The secrets that are live now; the same array until they change. */
export type SecretList = () => readonly string[];

/** How old a look at the file may be. Looking when the secrets are needed leaves no timer to stop. */
const lookEveryMs = 1_000;

/**
 * Secrets separated by commas or white space. A file that becomes unreadable or empty later changes nothing: what
 * was read before stays live, so that a botched rotation locks nobody out.
 * @throws ConfigError when there is no usable secret to begin with.
 */
export function followSecrets(source: SecretSource, log: Logger): SecretList {
  const { name, text, file } = source;
  const fixed = parse(name, text ?? "");
  if (file === undefined) {
    if (fixed.length === 0) throw new ConfigError([`${name}: has no secret in it`]);
    return () => fixed;
  }
  // The text itself is compared: what a file system tells of a change is too coarse, and comes too late for one
  // that was made between reading the file and asking for news of it.
  let known = read(file);
  if (known.text === undefined) throw new ConfigError([`${name}_FILE: cannot be read: ${known.trouble}`]);
  const inFile = parse(`${name}_FILE`, known.text);
  if (inFile.length + fixed.length === 0) throw new ConfigError([`${name}_FILE: has no secret in it`]);
  let current = [...fixed, ...inFile];
  let lookedAt = performance.now();
  return () => {
    if (performance.now() - lookedAt < lookEveryMs) return current;
    lookedAt = performance.now();
    const found = read(file);
    if (found.text === known.text && found.trouble === known.trouble) return current;
    known = found;
    try {
      if (found.text === undefined) throw new ConfigError([`${name}_FILE: ${found.trouble}`]);
      const fresh = parse(`${name}_FILE`, found.text);
      if (fresh.length === 0) throw new ConfigError([`${name}_FILE: has no secret in it`]);
      current = [...fixed, ...fresh];
      log.info({ source: name, secrets: current.length }, "secrets_reloaded");
    } catch (err) {
      log.error({ err }, "secrets_not_reloaded");
    }
    return current;
  };
}

function read(file: string): { readonly text?: string; readonly trouble?: string } {
  try {
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    return { trouble: error instanceof Error ? error.message : String(error) };
  }
}

function parse(name: string, text: string): string[] {
  const secrets = text.split(/[\s,]+/).filter((secret) => secret !== "");
  if (secrets.some((secret) => !/^[\x21-\x7e]+$/.test(secret))) {
    throw new ConfigError([`${name}: has a secret with characters other than visible ASCII`]);
  }
  return secrets;
}
