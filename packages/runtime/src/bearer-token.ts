/** What a token may read. Where a list or mode is `undefined`, it is not limited. */
export type TokenScope = {
  /** Ids of accounts; {@link platformName} is the platform itself. */
  readonly accounts: readonly string[] | undefined;
  readonly sources: readonly string[] | undefined;
  readonly livemode: boolean | undefined;
  /** Whether the bodies of events may be read. */
  readonly bodies: boolean;
};

/** A bearer token and what it may read. */
type BearerToken = { readonly token: string; readonly scope: TokenScope };

/** The name of the platform itself where accounts are named. */
export const platformName = "platform";

/** The scope of a token without words. */
export const unlimitedScope: TokenScope = {
  accounts: undefined,
  sources: undefined,
  livemode: undefined,
  bodies: true,
};

/** `b64token` of RFC 6750: what can follow `Bearer`. */
const bearerToken = /^[\w.~+/-]{3,}=*$/;

const values: ReadonlyMap<string, RegExp> = new Map([
  ["account", /^(platform|acct_\w{1,250})$/],
  ["source", /^[a-z0-9-]{1,40}$/],
  ["livemode", /^(true|false)$/],
  ["bodies", /^(true|false)$/],
]);
const repeatable: readonly string[] = ["account", "source"];

/**
 * Parses a token with the words that limit it: `TOKEN account=acct_1 account=platform source=shop livemode=true bodies=false`.
 * Returns a text when it is none: why, without the token.
 */
export function parseBearerToken(line: string): BearerToken | string {
  const [token = "", ...words] = line.trim().split(/[ \t]+/);
  if (words.length > 0 && line.includes(","))
    return "has a comma on its line: a token with words after it has a line of its own, and a word has one value";
  if (!bearerToken.test(token))
    return "is not a bearer token: three or more letters, digits and _ - . ~ + / =";
  const given = new Map<string, string[]>();
  for (const word of words) {
    const [, name = "", value = ""] = /^([a-z]+)=(.*)$/.exec(word) ?? [];
    if (values.get(name)?.test(value) !== true) return `is followed by something else than ${grammar}`;
    const known = given.get(name) ?? [];
    if (known.length > 0 && !repeatable.includes(name)) return `has ${name}= twice`;
    given.set(name, [...known, value]);
  }
  const flag = (name: string): boolean | undefined => {
    const value = given.get(name)?.[0];
    return value === undefined ? undefined : value === "true";
  };
  const scope = {
    accounts: given.get("account"),
    sources: given.get("source"),
    livemode: flag("livemode"),
    bodies: flag("bodies") ?? true,
  };
  return { token, scope };
}

const grammar =
  "account=acct_… or account=platform, source=NAME, livemode=true or false, and bodies=true or false, separated by spaces";
