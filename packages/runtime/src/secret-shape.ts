import { ConfigError } from "./config.ts";

/** What tells secrets of a kind from whatever else may get into their place, such as an error page. */
export type SecretShape = {
  /** What stands between two of them. */
  readonly separator: RegExp;
  /** Why a word is no secret of this kind, in words that follow its place in the list; `undefined` when it is one. */
  invalidReason(word: string): string | undefined;
};

const anyWord: SecretShape = {
  separator: /[\s,]+/,
  invalidReason: (word) =>
    /^[\x21-\x7e]+$/.test(word) ? undefined : "has characters other than visible ASCII",
};

/** A real one has 32 characters or more behind its prefix, but whoever tests makes up shorter ones. */
const signingSecret = /^whsec_[\w+/=-]{3,}$/;
const apiKey = /^(sk|rk|pk)_/;

/** A signing secret of Stripe's. https://docs.stripe.com/webhooks/signature */
export const signingSecretShape: SecretShape = {
  separator: /[\s,]+/,
  invalidReason(word) {
    if (signingSecret.test(word)) return undefined;
    return apiKey.test(word)
      ? "is an API key; the signing secret begins with whsec_ and stands beside the webhook's endpoint in Stripe's dashboard"
      : "is no signing secret, which begins with whsec_ and has no other characters than letters, digits and _ - + / =";
  },
};

/** `b64token` of RFC 6750: what can follow `Bearer`. */
const bearerToken = /^[\w.~+/-]{3,}=*$/;

/** A bearer token. A blank within one is no separator, so that no sentence passes for a list of tokens. */
export const bearerTokenShape: SecretShape = {
  separator: /\s*[\r\n,]\s*/,
  invalidReason: (word) =>
    bearerToken.test(word)
      ? undefined
      : "is no bearer token, which has three characters or more, and none but letters, digits and _ - . ~ + / =",
};

/** The secrets in a text. @throws ConfigError naming the first word that is none, by its place and never by itself. */
export function parseSecrets(name: string, text: string, shape: SecretShape = anyWord): string[] {
  const words = text
    .trim()
    .split(shape.separator)
    .filter((word) => word !== "");
  for (const [index, word] of words.entries()) {
    const invalidReason = shape.invalidReason(word);
    if (invalidReason !== undefined)
      throw new ConfigError([`${name}: secret ${index + 1} of ${words.length} ${invalidReason}`]);
  }
  return words;
}
