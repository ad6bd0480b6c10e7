import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  createDatabaseAndRoles,
  databaseUrl,
  type Env,
  freePorts,
  grantServiceRoles,
  loadSecrets,
  nodeCommand,
  type PostgresSettings,
  postgresProcess,
  type RunningProcess,
  type StartOptions,
  startProcess,
} from "@takings/local";
import { runThrough, withVariables } from "./run-through.ts";

const run = promisify(execFile);

/** How a server differs from that of the local run, and what ends it if this process dies. */
export type PostgresOptions = StartOptions & {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Further environment of the server. */
  readonly env?: Readonly<Record<string, string>>;
};

/** A running server; it is not restarted. */
export type StartedPostgres = { readonly settings: PostgresSettings; readonly process: RunningProcess };

/** For servers whose data nobody needs afterwards: they do not wait for the disk. */
export const fastParameters = { fsync: "off", full_page_writes: "off" } as const;

/** Starts a server of its own in `dir`, with the product's roles and its database, which is empty. */
export async function startPostgres(dir: string, options: PostgresOptions = {}): Promise<StartedPostgres> {
  const [port = 0] = await freePorts(1);
  const { parameters = {} } = options;
  const settings = { dir: join(dir, "postgres"), port, secrets: loadSecrets(dir), parameters };
  const process = await startPostgresServer(settings, options);
  await createDatabaseAndRoles(settings);
  return { settings, process };
}

/** Starts a server with these settings, for the first time or again. */
export function startPostgresServer(
  settings: PostgresSettings,
  { env = {}, ...options }: PostgresOptions,
): Promise<RunningProcess> {
  mkdirSync(settings.dir, { recursive: true });
  const definition = postgresProcess(settings, `${settings.dir}.log`);
  return startProcess(
    { ...definition, command: async () => runThrough(await definition.command(), withVariables(env)) },
    options,
  );
}

/** Migrates a database with the project's own command and grants the services' privileges. Rejects with its output. */
export async function migrateDatabase(
  server: PostgresSettings,
  { database, env = {} }: { readonly database?: string; readonly env?: Env } = {},
): Promise<void> {
  const address = { port: server.port, secrets: server.secrets, ...(database !== undefined && { database }) };
  const DATABASE_URL = databaseUrl("migrator", address);
  const migrate = nodeCommand(["packages/cli/src/main.ts", "migrate"], { ...env, DATABASE_URL });
  await run(migrate.command, migrate.args, migrate);
  await grantServiceRoles(address);
}
