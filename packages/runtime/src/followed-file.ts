import { readFileSync, statSync } from "node:fs";
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
  /**
   * Whether a text shows that it was written to its end; by default any does. One that does not is used once it has not changed
   * for a second, so that what is being written means nothing yet, and a file that was replaced as a whole is used all the same.
   */
  isWhole?(text: string): boolean;
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
/** Whoever writes a file in parts pauses for less than this. */
const settledAfterMs = 1_000;

/**
 * Reads a file and follows its changes. Returns a function for the content in use now, which returns the same object until
 * it changes.
 * @throws ConfigError when the file cannot be used at the start.
 */
export function followFile<Content>(followed: FollowedFile<Content>): () => Content {
  const { variable, file, parse, onMissing, remaining, onReloaded, onRefused } = followed;
  // The text itself is compared: the file system's timestamps are too coarse, and its notifications miss a change between
  // reading the file and subscribing.
  let known = readSettled(followed);
  let latest = known;
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
    const mayGrow = isChanged && found.text !== latest.text && isBeingWritten(found, followed);
    latest = found;
    if (mayGrow || (!isChanged && refusal === undefined)) return current;
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

type Reading = {
  readonly text?: string;
  /** When the file changed, by the wall clock. */
  readonly changedAt?: number;
  readonly error?: string;
  readonly isMissing?: boolean;
};

/**
 * Reads the file at the start, when there is no content to go on with. Blocks for a second where it may be being written.
 * @throws ConfigError when it is.
 */
function readSettled(followed: Pick<FollowedFile<unknown>, "variable" | "file" | "isWhole">): Reading {
  const { variable, file } = followed;
  const first = read(file);
  if (!isBeingWritten(first, followed)) return first;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, settledAfterMs);
  const second = read(file);
  if (second.text === first.text) return second;
  throw new ConfigError([`${variable}: is being written: start again when it is complete`]);
}

/** Whether a text may lack its end. Where the clock of the files is ahead, this says so for too long: two equal readings decide. */
function isBeingWritten(
  { text, changedAt = 0 }: Reading,
  { isWhole }: Pick<FollowedFile<unknown>, "isWhole">,
): boolean {
  return text !== undefined && isWhole?.(text) === false && Date.now() - changedAt < settledAfterMs;
}

function read(file: string): Reading {
  try {
    const text = readFileSync(file, "utf8");
    // Afterwards, so that this is never the time of an earlier text. Not the time of modification, which can be set.
    return { text, changedAt: statSync(file).ctimeMs };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { error: error instanceof Error ? error.message : String(error), isMissing };
  }
}

function textOf(variable: string, { text, error }: Reading): string {
  if (text === undefined) throw new ConfigError([`${variable}: cannot be read: ${error}`]);
  return text;
}
