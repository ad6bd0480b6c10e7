import { readFileSync } from "node:fs";
import { defaultSource } from "@takings/domain";
import {
  accountId,
  ConfigError,
  createLogger,
  followSecrets,
  parseSecrets,
  readSources,
  type SourceSettings,
  url,
} from "@takings/runtime";
import { z } from "zod";

/** The settings of commands that ask Stripe's API. */
export const stripeSettings = z.object({
  STRIPE_API_KEY: z.string().optional(),
  STRIPE_API_KEY_FILE: z.string().optional(),
  STRIPE_API_URL: url("https", "http")
    .refine(isPrivate, "must be https://, because the API key is sent to it")
    .default("https://api.stripe.com"),
  STRIPE_ACCOUNT_ID: accountId().optional(),
  STRIPE_SOURCES_FILE: z.string().optional(),
});

/** How the help of these commands describes the settings. @param access what the key must be able to read. */
export function stripeHelp(access: string): Readonly<Record<string, string>> {
  return {
    STRIPE_API_KEY: `restricted key with read access${access}`,
    STRIPE_API_KEY_FILE: "file with this key",
    STRIPE_ACCOUNT_ID: "the platform's own account id",
    STRIPE_SOURCES_FILE: "the sources for --source, with api_key_file and account_id in place of these",
  };
}

/** A key that can be sent in a header, with its mode. https://docs.stripe.com/keys */
const keyShape = /^[rs]k_(live|test)_[\x21-\x7e]+$/;

/** How to reach Stripe, and in which mode. */
export type StripeSettings = {
  readonly source: string;
  readonly apiKey: string;
  /** The mode of the key. */
  readonly livemode: boolean;
  readonly apiUrl: URL;
  /** The source's own account. */
  readonly platformAccount: string | undefined;
};

/**
 * Reads the settings for a source, and its key file again on each call.
 * @throws ConfigError naming what is missing or wrong, and the source if it is not the default one.
 */
export function readStripeSettings(env: z.output<typeof stripeSettings>, source: string): StripeSettings {
  const { apiKey, platformAccount, setting } =
    source === defaultSource ? ofDefault(env) : ofSource(source, env.STRIPE_SOURCES_FILE);
  const mode = keyShape.exec(apiKey)?.[1];
  // Most objects do not show their mode, so the key must.
  if (mode === undefined) {
    throw new ConfigError([
      `${setting}: must be a live or test mode key that begins with rk_live_, sk_live_, rk_test_ or sk_test_`,
    ]);
  }
  return { source, apiKey, livemode: mode === "live", apiUrl: new URL(env.STRIPE_API_URL), platformAccount };
}

/** A key with the account that it is for, and the setting that it comes from. */
type SourceKey = Pick<StripeSettings, "apiKey" | "platformAccount"> & { readonly setting: string };

function ofDefault(env: z.output<typeof stripeSettings>): SourceKey {
  const key = { name: "STRIPE_API_KEY", text: env.STRIPE_API_KEY, file: env.STRIPE_API_KEY_FILE };
  const [apiKey = ""] = followSecrets(key, createLogger({ service: "stripe", level: "silent" }))();
  return { apiKey, platformAccount: env.STRIPE_ACCOUNT_ID, setting: "STRIPE_API_KEY" };
}

function ofSource(source: string, file: string | undefined): SourceKey {
  const { apiKeyFile, accountId: platformAccount } = settingsOfSource(source, file);
  const setting = `STRIPE_SOURCES_FILE: source ${source}: api_key_file`;
  if (apiKeyFile === undefined)
    throw new ConfigError([`${setting}: is required to ask Stripe about this source`]);
  return { apiKey: readKey(apiKeyFile, setting), platformAccount, setting };
}

function settingsOfSource(source: string, file: string | undefined): SourceSettings {
  if (file === undefined) throw new ConfigError([`STRIPE_SOURCES_FILE: is required for source ${source}`]);
  const sources = readSources(file);
  const found = sources.get(source);
  if (found !== undefined) return found;
  const others = sources.size === 0 ? "none" : [...sources.keys()].join(", ");
  throw new ConfigError([
    `STRIPE_SOURCES_FILE: there is no source ${source}; besides ${defaultSource} there is ${others}`,
  ]);
}

/** The key in a file; of several the first, as in STRIPE_API_KEY_FILE. */
function readKey(file: string, setting: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`${setting}: cannot be read: ${reason}`]);
  }
  const [apiKey] = parseSecrets(setting, text);
  if (apiKey === undefined) throw new ConfigError([`${setting}: contains no key`]);
  return apiKey;
}

/** Whether a key can be sent to a URL without being readable on the way. */
function isPrivate(text: string): boolean {
  const parsed = URL.parse(text);
  return (
    parsed?.protocol === "https:" || ["127.0.0.1", "[::1]", "localhost"].includes(parsed?.hostname ?? "")
  );
}
