import { parseBearerToken } from "./bearer-token.ts";
import { ConfigError } from "./config.ts";

/** The syntax of one kind of secret; it rejects other text, such as an error page. */
export type SecretShape = {
  /** The secrets in a text, each with what may follow it. Empty ones are left out later. */
  split(text: string): string[];
  /** Why a word is not such a secret, to be appended to its position in the list; `undefined` when it is one. */
  invalidReason(word: string): string | undefined;
  /** The secret itself, where a word may say more than that. */
  secretOf?(word: string): string;
};

const splitAtAny = (text: string): string[] => text.split(/[\s,]+/);

const anyWord: SecretShape = {
  split: splitAtAny,
  invalidReason: (word) =>
    /^[\x21-\x7e]+$/.test(word) ? undefined : "contains characters other than visible ASCII",
};

/** A real one has 32 characters or more after its prefix, but those made up for tests are shorter. */
const signingSecret = /^whsec_[\w+/=-]{3,}$/;
const apiKey = /^(sk|rk|pk)_/;

/** A signing secret of Stripe's. https://docs.stripe.com/webhooks/signature */
export const signingSecretShape: SecretShape = {
  split: splitAtAny,
  invalidReason(word) {
    if (signingSecret.test(word)) return undefined;
    return apiKey.test(word)
      ? "is an API key; the signing secret begins with whsec_ and is shown with the webhook endpoint in Stripe's dashboard"
      : "is not a signing secret: whsec_, then letters, digits and _ - + / =";
  },
};

/**
 * A bearer token, which words that limit it may follow on its line: {@link parseBearerToken}. Spaces do not separate tokens,
 * so that a sentence is not a list of tokens; a comma does, unless words are on its line, which it could be meant to separate.
 */
export const bearerTokenShape: SecretShape = {
  split: (text) =>
    text.split(/[\r\n]+/).flatMap((line) => {
      const tokens = line.split(",").map((token) => token.trim());
      return tokens.some((token) => /\s/.test(token)) ? [line.trim()] : tokens;
    }),
  invalidReason(word) {
    const parsed = parseBearerToken(word);
    return typeof parsed === "string" ? parsed : undefined;
  },
  secretOf: (word) => word.split(/[\s,]/)[0] ?? "",
};

/** The secrets in a text. @throws ConfigError naming the first invalid one by its position, never by its text. */
export function parseSecrets(name: string, text: string, shape: SecretShape = anyWord): string[] {
  const words = wordsIn(text, shape);
  for (const [index, word] of words.entries()) {
    const invalidReason = shape.invalidReason(word);
    if (invalidReason !== undefined)
      throw new ConfigError([`${name}: secret ${index + 1} of ${words.length} ${invalidReason}`]);
  }
  if (isContradictory(words, shape))
    throw new ConfigError([`${name}: contains one secret twice, with different words after it`]);
  return words;
}

/** The words of a list that is not checked. */
export function wordsIn(text: string, shape: SecretShape): string[] {
  return shape.split(text.trim()).filter((word) => word !== "");
}

/**
 * Whether a list has a secret twice with different words after it. Which of the two is meant cannot be known, and one may
 * allow what the other does not.
 */
export function isContradictory(words: readonly string[], shape: SecretShape | undefined): boolean {
  const secrets = new Map(words.map((word) => [secretIn(word, shape), word]));
  return words.some((word) => secrets.get(secretIn(word, shape)) !== word);
}

/** The secret itself of a word in a list. */
export function secretIn(word: string, shape: SecretShape | undefined): string {
  return shape?.secretOf?.(word) ?? word;
}
