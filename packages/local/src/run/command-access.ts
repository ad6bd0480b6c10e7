import { type Env, variable } from "../env.ts";
import { withSavedSettings } from "../directory/saved-settings.ts";
import type { NatsUser } from "@takings/nats/permissions";
import { type DatabaseUser, databaseUrl } from "../postgres/urls.ts";
import { type RunFile, runningStack } from "../directory/run-file.ts";
import { loadSecrets, type Secrets } from "../directory/secrets.ts";
import { isForeign } from "./services.ts";

/** A running local stack, for a command beside it. */
export interface RunningStack {
  readonly dir: string;
  readonly components: RunFile;
  readonly secrets: Secrets;
}

/** The stack that runs on this directory, if its servers are up. */
export function stackFor(dir: string): RunningStack | undefined {
  const components = runningStack(dir, ["nats", "postgres"]);
  return components === undefined ? undefined : { dir, components, secrets: loadSecrets(dir) };
}

interface Logins {
  readonly database: Exclude<DatabaseUser, "superuser" | "consumer">;
  readonly nats: Exclude<NatsUser, "ingress" | "consumer">;
}

const owner: Logins = { database: "migrator", nats: "admin" };
const reader: Logins = { database: "query", nats: "admin" };
const purger: Logins = { database: "purger", nats: "purger" };
const reconciler: Logins = { database: "reconcile", nats: "reconcile" };

/** The logins of a command: the least privileges that it needs, as in production. */
function loginsOf([command, below]: readonly string[]): Logins {
  if (command === "verify" || command === "tie-out") return reader;
  if (command === "quarantine" && (below === "list" || below === "show")) return reader;
  if (command === "purge") return purger;
  if (command === "reconcile" || command === "balance") return reconciler;
  return owner;
}

/** The environment of a command, completed with the stack's settings and its addresses with the command's logins. */
export function commandEnv(
  args: readonly string[],
  env: Env,
  { dir, components, secrets }: RunningStack,
): Env {
  const logins = loginsOf(args.filter((arg) => !arg.startsWith("-")));
  const postgres = new URL(components["postgres"]?.url ?? "");
  const nats = new URL(components["nats"]?.url ?? "");
  const own = {
    DATABASE_URL: databaseUrl(logins.database, { port: Number(postgres.port), secrets }),
    NATS_URL: `nats://${logins.nats}:${secrets[`nats_${logins.nats}`]}@${nats.host}`,
    NATS_MONITOR_URL: components["nats"]?.monitor_url,
  };
  // A command for a server elsewhere must not mix its events or its database with those of this stack.
  if (isElsewhere(env, "DATABASE_URL", postgres) || isElsewhere(env, "NATS_URL", nats)) return env;
  const given = Object.fromEntries(
    Object.entries(withSavedSettings(dir, env)).filter(([name, value]) => !isForeign(name) && value !== ""),
  );
  return { ...own, ...given };
}

/** The arguments, completed with the stack's addresses for commands that take them as options. */
export function commandArguments(args: readonly string[], { components }: RunningStack): readonly string[] {
  if (args[0] !== "smoke-test" || args.includes("--help")) return args;
  const given = (name: string): boolean => args.some((arg) => arg === name || arg.startsWith(`${name}=`));
  const urls = { "--ingress": components["ingress"]?.url, "--revenue": components["revenue_query"]?.url };
  const missing = Object.entries(urls).flatMap(([name, url]) =>
    given(name) || url === undefined ? [] : [name, url],
  );
  return [...args, ...missing];
}

function isElsewhere(env: Env, name: string, { host }: URL): boolean {
  const given = variable(env, name);
  return given !== undefined && URL.parse(given)?.host !== host;
}
