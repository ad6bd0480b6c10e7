import { type Env, variable } from "../env.ts";
import type { ServerAddresses } from "./server-addresses.ts";
import { serviceArguments } from "./service-process.ts";

/** One service: the name of its component, how to run it, and what its environment adds to the user's. */
export interface ServiceDefinition {
  /** Its name in run.json. */
  readonly key: string;
  readonly name: string;
  /** Arguments of node. */
  readonly args: readonly string[];
  /** Which of the two public ports it serves, if any. */
  readonly serves?: "ingress" | "revenue";
  env(addresses: ServerAddresses): Env;
}

/** A command that must succeed before the services start. */
export interface SetupStep {
  readonly name: string;
  /** Shown before it runs. */
  readonly announcement: string;
  /** Arguments of node. */
  readonly args: readonly string[];
  env(addresses: ServerAddresses): Env;
}

/** Signs the events of the local run unless the user gives a secret. */
export const localSecret = "whsec_local";

/** The three services, in the order in which they start. */
export const services: readonly ServiceDefinition[] = [
  {
    key: "revenue_query",
    name: "revenue-query",
    args: serviceArguments("revenue-query"),
    serves: "revenue",
    env: ({ databaseUrls }) => ({ DATABASE_URL: databaseUrls.query }),
  },
  {
    key: "consumer",
    name: "consumer",
    args: serviceArguments("consumer"),
    env: ({ natsUrls, databaseUrls }) => ({
      NATS_URL: natsUrls.consumer,
      DATABASE_URL: databaseUrls.consumer,
    }),
  },
  {
    key: "ingress",
    name: "ingress",
    args: serviceArguments("ingress"),
    serves: "ingress",
    env: ({ natsUrls, natsMonitorUrl }) => ({ NATS_URL: natsUrls.ingress, NATS_MONITOR_URL: natsMonitorUrl }),
  },
];

/** What creates the tables and the stream. */
export const setupSteps: readonly SetupStep[] = [
  {
    name: "migrate",
    announcement: "Migrating the database …",
    args: ["packages/cli/src/main.ts", "migrate"],
    env: ({ databaseUrls }) => ({ DATABASE_URL: databaseUrls.migrator }),
  },
  {
    name: "stream",
    announcement: "Creating the stream …",
    args: ["packages/cli/src/main.ts", "stream"],
    env: ({ natsUrls }) => ({ NATS_URL: natsUrls.admin }),
  },
];

/** The user's environment, completed with the defaults of the local run. */
export function localEnv(env: Env): Env {
  const given = (...names: string[]): boolean => names.some((name) => variable(env, name) !== undefined);
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !isForeign(name)));
  return {
    ...own,
    ...(!given("STRIPE_WEBHOOK_SECRETS", "STRIPE_WEBHOOK_SECRETS_FILE") && {
      STRIPE_WEBHOOK_SECRETS: localSecret,
    }),
    ...(!given("API_TOKENS", "API_TOKENS_FILE", "ALLOW_ANONYMOUS") && { ALLOW_ANONYMOUS: "true" }),
    ...(!given("RATE_LIMIT_PER_MINUTE") && { RATE_LIMIT_PER_MINUTE: "0" }),
    ...(!given("DEFAULT_LIVEMODE") && { DEFAULT_LIVEMODE: "false" }),
  };
}

/** Credentials and authorities of servers; the local ones have passwords and no TLS. */
const serverFiles: ReadonlySet<string> = new Set(["NATS_CREDS_FILE", "NATS_CA_FILE", "DATABASE_CA_FILE"]);

/** True for variables that point the user's own tools to other servers, where the local programs must not go. */
export function isForeign(name: string): boolean {
  return name.startsWith("PG") || serverFiles.has(name);
}
