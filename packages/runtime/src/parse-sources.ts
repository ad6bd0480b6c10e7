import { z } from "zod";
import { accountId, ConfigError } from "./config.ts";
import { type RepeatedKey, repeatedKeys } from "./repeated-keys.ts";
import { signingSecretShape } from "./secret-shape.ts";

/** What the file says about one source. */
export type SourceSettings = {
  /** The signing secrets of its webhooks; at least one, unless there is a file with them. */
  readonly webhookSecrets: readonly string[];
  /** The file with further signing secrets, if the file says it. */
  readonly webhookSecretsFile: string | undefined;
  /** The platform's own account, if the file says it. */
  readonly accountId: string | undefined;
  /** The file with the key for Stripe's API, if the file says it. */
  readonly apiKeyFile: string | undefined;
};

/** The sources in the file by their names; `default` is never among them. The same map until it changes. */
export type Sources = ReadonlyMap<string, SourceSettings>;

/** Further reasons why sources must not be used, each a sentence that names source and key; empty when there are none. */
export type SourcesCheck = (sources: Sources) => readonly string[];

const variable = "STRIPE_SOURCES_FILE";

const sourceName = /^[a-z0-9-]{1,40}$/;

const aList = "must be a list of one or more signing secrets";
const aPath = "must be the path of a file";
const sourceSettings = z
  .strictObject(
    {
      webhook_secrets: z.array(z.string("is not a text"), aList).min(1, aList).optional(),
      webhook_secrets_file: z.string(aPath).min(1, aPath).optional(),
      account_id: accountId().optional(),
      api_key_file: z.string(aPath).min(1, aPath).optional(),
    },
    { error: (issue) => (issue.code === "invalid_type" ? 'must be {"webhook_secrets": […], …}' : undefined) },
  )
  .refine(hasSecrets, {
    path: ["webhook_secrets"],
    message: `${aList}, or webhook_secrets_file the path of a file with them`,
    // Also checked when other keys are bad, so that all bad keys are named at once.
    when: () => true,
  });

/** What is no object has another problem already. */
function hasSecrets(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return "webhook_secrets" in value || "webhook_secrets_file" in value;
}

/**
 * Parses the text of the file.
 * @throws ConfigError naming source and key of everything that is wrong, and never a secret.
 */
export function parseSources(text: string, check: SourcesCheck): Sources {
  const problems: string[] = [];
  const sources = new Map<string, SourceSettings>();
  const entries = entriesOf(text);
  problems.push(...repeatedKeys(text).map(repetition));
  for (const [name, value] of entries) {
    const wrongName = nameProblem(name);
    const parsed = sourceSettings.safeParse(value);
    if (wrongName !== undefined) problems.push(wrongName);
    if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => problemOf(name, issue)));
    else sources.set(name, settingsOf(parsed.data));
  }
  problems.push(...secretProblems(sources), ...accountProblems(sources));
  if (problems.length === 0) problems.push(...check(sources));
  if (problems.length > 0) throw invalid(problems);
  return sources;
}

function entriesOf(text: string): readonly (readonly [string, unknown])[] {
  if (text.trim() === "") throw invalid(["is empty"]);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    // The parser's message quotes the text, and with it secrets.
    const [place] = /line \d+ column \d+/.exec(String(error)) ?? [];
    throw invalid([`is not valid JSON${place === undefined ? "" : ` at ${place}`}`]);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw invalid(['is JSON, but not an object such as {"shop-eu": {"webhook_secrets": ["whsec_…"]}}']);
  return Object.entries(parsed);
}

function settingsOf(parsed: z.output<typeof sourceSettings>): SourceSettings {
  return {
    webhookSecrets: parsed.webhook_secrets ?? [],
    webhookSecretsFile: parsed.webhook_secrets_file,
    accountId: parsed.account_id,
    apiKeyFile: parsed.api_key_file,
  };
}

function repetition({ name, key }: RepeatedKey): string {
  const what = key === undefined ? "" : `${shown(key)}: `;
  return `source ${shown(name)}: ${what}is there twice, of which only one would be used`;
}

function nameProblem(name: string): string | undefined {
  if (name === "default")
    return `source default: is no name for a source in this file: it is the one at /webhooks/stripe, with the secrets of STRIPE_WEBHOOK_SECRETS`;
  if (sourceName.test(name)) return undefined;
  return `source ${shown(name)}: a name has 1 to 40 characters of a-z, 0-9 and -`;
}

function problemOf(name: string, issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys")
    return `source ${shown(name)}: unknown key ${issue.keys.map(shown).join(", ")}`;
  const key = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return `source ${shown(name)}: ${key}${issue.message}`;
}

/** A key of the file, for messages. A secret at the wrong place is not shown. */
function shown(key: string): string {
  const [secret] = /^(whsec|sk|rk|pk)_/.exec(key) ?? [];
  return secret === undefined ? key : `${secret}…`;
}

function secretProblems(sources: Sources): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, { webhookSecrets }] of sources)
    for (const [index, secret] of webhookSecrets.entries()) {
      const reason = signingSecretShape.invalidReason(secret);
      const owner = owners.get(secret) ?? name;
      owners.set(secret, owner);
      const which = `source ${shown(name)}: webhook_secrets: secret ${index + 1} of ${webhookSecrets.length}`;
      if (reason !== undefined) problems.push(`${which} ${reason}`);
      else if (owner !== name) problems.push(`${which} is also one of source ${shown(owner)}`);
    }
  return problems;
}

function accountProblems(sources: Sources): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, { accountId: account }] of sources) {
    if (account === undefined) continue;
    const owner = owners.get(account);
    if (owner !== undefined)
      problems.push(`source ${shown(name)}: account_id: ${account} is also that of source ${shown(owner)}`);
    owners.set(account, name);
  }
  return problems;
}

function invalid(problems: readonly string[]): ConfigError {
  return new ConfigError(problems.map((problem) => `${variable}: ${problem}`));
}
