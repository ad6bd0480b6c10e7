import { readFileSync } from "node:fs";
import { ConfigError } from "./config.ts";

/** A file whose content is in use, and is replaced when it changes. */
export type FollowedFile<Content> = {
  /** The environment variable that names the file, for errors. */
  readonly variable: string;
  readonly file: string;
  /**
   * Parses the text. `previous` is the content in use; `undefined` at the start.
   * @throws ConfigError when the text must not be used.
   */
  parse(text: string, previous: Content | undefined): Content;
  /** The file does not exist at the start. Returns the text in its place; without this the file must exist. */
  onMissing?(): string;
  /** What of the content in use stays so while this text is refused; by default all of it. */
  remaining?(text: string, previous: Content): Content;
  /** The file changed and its content is in use. */
  onReloaded(content: Content): void;
  /** The file changed and cannot be used; the previous content stays in use. */
  onRefused(error: unknown): void;
};

/** The file is read again, when its content is needed, after this time. This needs no timer. */
const maxCheckAgeMs = 1_000;

/**
 * Reads a file and follows its changes. Returns a function for the content in use now, which returns the same object until
 * it changes.
 * @throws ConfigError when the file cannot be used at the start.
 */
export function followFile<Content>(followed: FollowedFile<Content>): () => Content {
  const { variable, file, parse, onMissing, remaining, onReloaded, onRefused } = followed;
  // The text itself is compared: the file system's timestamps are too coarse, and its notifications miss a change between
  // reading the file and subscribing.
  let known = read(file);
  const replacement = known.isMissing ? onMissing?.() : undefined;
  let current = parse(replacement ?? textOf(variable, known), undefined);
  let checkedAt = performance.now();
  /** Why the text is not in use; a refused one is parsed again, because what spoke against it may be another file. */
  let refusal: string | undefined;
  return () => {
    if (performance.now() - checkedAt < maxCheckAgeMs) return current;
    checkedAt = performance.now();
    const found = read(file);
    const isChanged = found.text !== known.text || found.error !== known.error;
    if (!isChanged && refusal === undefined) return current;
    known = found;
    try {
      current = parse(textOf(variable, found), current);
    } catch (error) {
      if (isChanged || String(error) !== refusal) onRefused(error);
      refusal = String(error);
      if (remaining !== undefined && found.text !== undefined) current = remaining(found.text, current);
      return current;
    }
    refusal = undefined;
    onReloaded(current);
    return current;
  };
}

type Reading = { readonly text?: string; readonly error?: string; readonly isMissing?: boolean };

function read(file: string): Reading {
  try {
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { error: error instanceof Error ? error.message : String(error), isMissing };
  }
}

function textOf(variable: string, { text, error }: Reading): string {
  if (text === undefined) throw new ConfigError([`${variable}: cannot be read: ${error}`]);
  return text;
}
