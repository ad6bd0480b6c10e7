import { type Env, variable } from "../env.ts";

/** What a service gets to know about the stack around it. */
export interface StackAddresses {
  readonly natsUrls: { readonly admin: string; readonly ingress: string; readonly consumer: string };
  readonly natsMonitorUrl: string;
  readonly databaseUrls: { readonly migrator: string; readonly consumer: string; readonly query: string };
}

/** One service: the name of its component, how to run it, and what its environment adds to the user's. */
export interface ServiceDefinition {
  /** Its name in run.json. */
  readonly key: string;
  readonly name: string;
  /** Arguments of node. */
  readonly args: readonly string[];
  /** Which of the two public ports it serves, if any. */
  readonly serves?: "ingress" | "revenue";
  env(addresses: StackAddresses): Env;
}

/** A command that has to succeed before the services start. */
export interface SetupStep {
  readonly name: string;
  /** Said before it runs. */
  readonly announcement: string;
  /** Arguments of node. */
  readonly args: readonly string[];
  env(addresses: StackAddresses): Env;
}

/** What signs the events of the local run unless the user names a secret. */
export const localSecret = "whsec_local";

/**
 * How a service's heap grows, also in the image: a nursery that most of an event does not outlive, and little room for
 * garbage above it. Left to itself, node takes twice as much memory as it needs: docs/performance.md.
 */
export const heapArguments: readonly string[] = ["--max-semi-space-size=8", "--heap-growing-percent=60"];

/** How node runs a service: with tracing preloaded. */
export const serviceArguments: readonly string[] = [
  ...heapArguments,
  "--import",
  "./packages/telemetry/src/register.ts",
];

/** The three services, in the order in which they start. */
export const services: readonly ServiceDefinition[] = [
  {
    key: "revenue_query",
    name: "revenue-query",
    args: [...serviceArguments, "services/revenue-query/src/main.ts"],
    serves: "revenue",
    env: ({ databaseUrls }) => ({ DATABASE_URL: databaseUrls.query }),
  },
  {
    key: "consumer",
    name: "consumer",
    args: [...serviceArguments, "services/consumer/src/main.ts"],
    env: ({ natsUrls, databaseUrls }) => ({
      NATS_URL: natsUrls.consumer,
      DATABASE_URL: databaseUrls.consumer,
    }),
  },
  {
    key: "ingress",
    name: "ingress",
    args: [...serviceArguments, "services/ingress/src/main.ts"],
    serves: "ingress",
    env: ({ natsUrls, natsMonitorUrl }) => ({ NATS_URL: natsUrls.ingress, NATS_MONITOR_URL: natsMonitorUrl }),
  },
];

/** What makes the tables and the stream. */
export const setupSteps: readonly SetupStep[] = [
  {
    name: "migrate",
    announcement: "Migrating the database …",
    args: ["packages/cli/src/main.ts", "migrate"],
    env: ({ databaseUrls }) => ({ DATABASE_URL: databaseUrls.migrator }),
  },
  {
    name: "stream",
    announcement: "Making the stream …",
    args: ["packages/cli/src/main.ts", "stream"],
    env: ({ natsUrls }) => ({ NATS_URL: natsUrls.admin }),
  },
];

/** The user's environment with the defaults of the local run where it says nothing. */
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

/** True for what points the user's own tools to other servers, which must not lead the local programs there. */
export function isForeign(name: string): boolean {
  return name.startsWith("PG") || name === "NATS_CREDS_FILE";
}
