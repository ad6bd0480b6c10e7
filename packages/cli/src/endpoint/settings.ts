import { defaultSource, isSourceName } from "@takings/domain";
import { type WantedEndpoint, wantedEndpoint } from "@takings/endpoint";
import { ConfigError, type Environment, flag, parseEnv, url } from "@takings/runtime";
import { z } from "zod";
import { readStripeSettings, type StripeSettings, stripeSettings } from "../settings/stripe.ts";

/** The options that all commands of an endpoint have. */
export type EndpointOptions = {
  readonly url?: string;
  readonly secretFile?: string;
  readonly source?: string;
  readonly connect?: true;
};

/** How to reach Stripe, and the endpoint that is wanted there. */
export type EndpointTarget = StripeSettings & { readonly wanted: WantedEndpoint };

/** What the environment and the options of a command of an endpoint configure. */
export type EndpointSettings = EndpointTarget & { readonly secretFile: string };

const loopback = new Set(["127.0.0.1", "[::1]", "localhost"]);

const targetSchema = stripeSettings.extend({
  STRIPE_ENDPOINT_URL: url("https", "http")
    .refine(isPrivate, "must be https://, because events contain personal data")
    .refine(hasNoCredentials, "must not contain a user name, a password or a fragment"),
  STRIPE_ENDPOINT_SOURCE: z
    .string()
    .refine(isSourceName, "must be 1 to 40 lower-case letters, digits and hyphens, also as --source")
    .default(defaultSource),
  STRIPE_ENDPOINT_CONNECT: flag().prefault("false"),
});
const schema = targetSchema.extend({ STRIPE_ENDPOINT_SECRET_FILE: z.string("is required") });

/**
 * Reads the settings; options replace variables. The key of a source is that of the file of sources. Without this file it is
 * STRIPE_API_KEY, because a source is in the file only once it has a secret. @throws ConfigError naming every bad one at once.
 */
export function readEndpointSettings(environment: Environment, options: EndpointOptions): EndpointSettings {
  const env = parseEnv(schema, withOptions(environment, options));
  return { ...targetOf(env), secretFile: env.STRIPE_ENDPOINT_SECRET_FILE };
}

/** Reads those that do not say where the secrets are. @throws ConfigError naming every bad one at once. */
export function readEndpointTarget(environment: Environment, options: EndpointOptions): EndpointTarget {
  return targetOf(parseEnv(targetSchema, withOptions(environment, options)));
}

function withOptions(environment: Environment, options: EndpointOptions): Environment {
  const { url: urlOption, secretFile, source, connect } = options;
  return {
    ...environment,
    ...(urlOption !== undefined && { STRIPE_ENDPOINT_URL: urlOption }),
    ...(secretFile !== undefined && { STRIPE_ENDPOINT_SECRET_FILE: secretFile }),
    ...(source !== undefined && { STRIPE_ENDPOINT_SOURCE: source }),
    ...(connect !== undefined && { STRIPE_ENDPOINT_CONNECT: String(connect) }),
  };
}

function targetOf(env: z.output<typeof targetSchema>): EndpointTarget {
  const { STRIPE_ENDPOINT_SOURCE: source, STRIPE_ENDPOINT_CONNECT: connect } = env;
  requirePathOf(source, env.STRIPE_ENDPOINT_URL);
  // A source that is not in the file of the sources yet has no key there: its endpoint makes its first secret.
  const keyOf = env.STRIPE_SOURCES_FILE === undefined ? defaultSource : source;
  return {
    ...readStripeSettings(env, keyOf),
    source,
    wanted: wantedEndpoint({ url: env.STRIPE_ENDPOINT_URL, source, connect }),
  };
}

/** Refuses the path of another source, whose events would then be counted there. A proxy may have other paths. */
function requirePathOf(source: string, text: string): void {
  const ending = /\/webhooks\/stripe(?:\/([^/]*))?\/?$/.exec(new URL(text).pathname);
  if (ending === null || (ending[1] ?? defaultSource) === source) return;
  const path = source === defaultSource ? "/webhooks/stripe" : `/webhooks/stripe/${source}`;
  throw new ConfigError([`STRIPE_ENDPOINT_URL: is the path of another source; ${source} has ${path}`]);
}

function isPrivate(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed?.protocol === "https:" || loopback.has(parsed?.hostname ?? "");
}

function hasNoCredentials(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed === null || parsed.username + parsed.password + parsed.hash === "";
}
