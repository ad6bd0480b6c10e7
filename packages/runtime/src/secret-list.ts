import { ConfigError } from "./config.ts";
import { followFile } from "./followed-file.ts";
import type { Logger } from "./logger.ts";
import { isContradictory, parseSecrets, secretIn, type SecretShape, wordsIn } from "./secret-shape.ts";

/** Where secrets come from: a text, and a file that is read again when it changes. Both are used. */
export type SecretSource = {
  /** The environment variable of the text. */
  readonly name: string;
  /** The name of the setting of the file; by default that of the variable with `_FILE`. */
  readonly fileSetting?: string;
  readonly text: string | undefined;
  readonly file: string | undefined;
  /** Whether the file may be missing at the start, beside a text with secrets: it is used once it exists. */
  readonly mayAppear?: boolean;
  /** The syntax of a secret; by default any word of visible ASCII. */
  readonly shape?: SecretShape;
};

/** The secrets in use now; the same array until they change. */
export type SecretList = () => readonly string[];

/** Called after each change of the file with whether its secrets are used, or the previous ones. */
export type FileListener = (isUsable: boolean) => void;

/**
 * Reads secrets and follows changes of their file. When the file later is unreadable, empty, or not a list of secrets, the
 * previous secrets stay in use, so that a failed rotation neither locks senders out nor lets anyone in; where only words after
 * secrets are wrong, those of them that the file still has.
 * @throws ConfigError when there is no valid secret at the start, or an invalid one among them.
 */
export function followSecrets(
  source: SecretSource,
  log: Logger,
  onFile: FileListener = () => {},
): SecretList {
  const { name, text, file, shape, mayAppear = false } = source;
  const fixed = parseSecrets(name, text ?? "", shape);
  if (file === undefined) {
    if (fixed.length === 0) throw new ConfigError([`${name}: is required, or ${name}_FILE`]);
    return () => fixed;
  }
  const { fileSetting: variable = `${name}_FILE` } = source;
  const follow = followFile<Secrets>({
    variable,
    file,
    // A line that is cut off within its words, or before them, gives the secret more rights than were meant. A line break at
    // the end cannot be required: a Secret of Kubernetes often has none, and is replaced as a whole.
    ...(shape?.secretOf !== undefined && { isWhole: endsLine }),
    parse(content, previous) {
      const inFile = parseSecrets(variable, content, shape);
      const isLastWhole = endsLine(content);
      const problem =
        problemOf({ fresh: inFile, isLastWhole }, previous?.inFile, fixed) ??
        tooShort(inFile, previous?.inFile, shape);
      if (problem !== undefined) throw new ConfigError([`${variable}: ${problem}`]);
      const all = [...fixed, ...inFile];
      if (isContradictory(all, shape))
        throw new ConfigError([`${variable}: contains a secret of ${name}, with different words after it`]);
      return { inFile, all };
    },
    remaining(content, previous) {
      const inFile = stillListed(content, previous.inFile, shape);
      return inFile.length === previous.inFile.length ? previous : { inFile, all: [...fixed, ...inFile] };
    },
    ...(mayAppear &&
      fixed.length > 0 && {
        onMissing() {
          log.warn({ source: name, file }, "secrets_file_missing");
          return "";
        },
      }),
    onReloaded({ all }) {
      log.info({ source: name, secrets: all.length }, "secrets_reloaded");
      onFile(true);
    },
    onRefused(err) {
      log.error({ err }, "secrets_not_reloaded");
      onFile(false);
    },
  });
  onFile(true);
  return () => follow().all;
}

/**
 * Which secrets of the file a refused text still has. All of them, unless nothing but words after its secrets is wrong: a text
 * of another kind, such as an error page, says nothing about them.
 */
function stillListed(
  text: string,
  before: readonly string[],
  shape: SecretShape | undefined,
): readonly string[] {
  if (shape?.secretOf === undefined) return before;
  const secrets = wordsIn(text, shape).map((word) => secretIn(word, shape));
  const isList = secrets.every((secret) => shape.invalidReason(secret) === undefined);
  const isLastWhole = endsLine(text);
  const known = before.map((word) => secretIn(word, shape));
  if (!isList || problemOf({ fresh: secrets, isLastWhole }, known, []) !== undefined) return before;
  if (tooShort(secrets, known, shape) !== undefined) return before;
  const listed = new Set(text.split(/[\s,]+/));
  const remaining = before.filter((word) => listed.has(secretIn(word, shape)));
  const isReplaced = secrets.every((secret) => secret.length >= minNewLength);
  return remaining.length > 0 || isReplaced ? remaining : before;
}

const endsLine = (text: string): boolean => /[\r\n]\s*$/.test(text);

/** The secrets of the file, and all of them. */
type Secrets = { readonly inFile: readonly string[]; readonly all: readonly string[] };

/** Why these secrets of a file must not be used. At the start there are none `before`. */
function problemOf(
  { fresh, isLastWhole }: { readonly fresh: readonly string[]; readonly isLastWhole: boolean },
  before: readonly string[] | undefined,
  fixed: readonly string[],
): string | undefined {
  // A text is enough at the start. Later an empty file is more likely an accident.
  if (fresh.length === 0 && (before !== undefined || fixed.length === 0)) return "contains no secret";
  if (before === undefined) return undefined;
  // Words after a secret can be taken away, so that its line is the beginning of the previous one and yet complete.
  if (!isLastWhole && isCutOff(fresh, before))
    return "ends within a secret; it is probably still being written; if it is complete, end it with a line break";
  return undefined;
}

/** Why one of these secrets of a file must not be used for its length. */
function tooShort(
  fresh: readonly string[],
  before: readonly string[] | undefined,
  shape: SecretShape | undefined,
): string | undefined {
  const [secrets, known] = [fresh, before ?? []].map((list) => list.map((word) => secretIn(word, shape)));
  if (before === undefined || !isTooShort(secrets ?? [], known ?? [])) return undefined;
  return `contains a new secret of fewer than ${minNewLength} characters, shorter than all previous ones: it may be truncated; if it is correct, restart`;
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
