import { type Env, variable } from "../env.ts";
import { withSavedSettings } from "../directory/saved-settings.ts";
import type { NatsUser } from "@takings/nats/permissions";
import { databaseName } from "../postgres/roles.ts";
import { postgresUrl } from "../postgres/cluster.ts";
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
  readonly role: string;
  readonly password: keyof Secrets;
  readonly nats: Exclude<NatsUser, "ingress" | "consumer">;
}

const owner: Logins = { role: "takings_migrator", password: "postgres_migrator", nats: "admin" };
const reader: Logins = { role: "takings_query", password: "postgres_query", nats: "admin" };
const purger: Logins = { role: "takings_purge", password: "postgres_purger", nats: "purger" };
const reconciler: Logins = { role: "takings_reconcile", password: "postgres_reconcile", nats: "reconcile" };

/** Who a command is: what it needs and no more, as in production. */
function loginsOf([command, below]: readonly string[]): Logins {
  if (command === "verify") return reader;
  if (command === "quarantine" && (below === "list" || below === "show")) return reader;
  if (command === "purge") return purger;
  if (command === "reconcile") return reconciler;
  return owner;
}

/** The environment for a command: what it does not set comes from the stack, addresses with the command's own logins. */
export function commandEnv(
  args: readonly string[],
  env: Env,
  { dir, components, secrets }: RunningStack,
): Env {
  const logins = loginsOf(args.filter((arg) => !arg.startsWith("-")));
  const postgres = new URL(components["postgres"]?.url ?? "");
  const nats = new URL(components["nats"]?.url ?? "");
  const own = {
    DATABASE_URL: postgresUrl(Number(postgres.port), logins.role, secrets[logins.password], databaseName),
    NATS_URL: `nats://${logins.nats}:${secrets[`nats_${logins.nats}`]}@${nats.host}`,
  };
  // Whoever names a server elsewhere must not get its events or its database mixed with those of this stack.
  if (isElsewhere(env, "DATABASE_URL", postgres) || isElsewhere(env, "NATS_URL", nats)) return env;
  const given = Object.fromEntries(
    Object.entries(withSavedSettings(dir, env)).filter(([name, value]) => !isForeign(name) && value !== ""),
  );
  return { ...own, ...given };
}

/** The arguments, with the stack's addresses where a command wants them as options. */
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
