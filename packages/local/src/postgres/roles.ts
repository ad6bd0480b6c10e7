import { Client } from "pg";
import { errorCode, LocalFailure } from "../failure.ts";
import type { Secrets } from "../directory/secrets.ts";

/** Name of the product's database. */
export const databaseName = "takings";

/** True once the server answers a query. */
export async function answersQueries(url: string): Promise<boolean> {
  return (await queryFailure(url)) === undefined;
}

/** Why the server answers no query, or undefined when it does. Throws a LocalFailure where it refuses the password. */
export async function queryFailure(url: string): Promise<string | undefined> {
  try {
    await withClient(url, (client) => client.query("select 1"));
    return undefined;
  } catch (error) {
    if (errorCode(error) === "28P01") throw wrongPassword(error);
    return error instanceof Error ? error.message : String(error);
  }
}

function wrongPassword(cause: unknown): LocalFailure {
  return new LocalFailure(
    "PostgreSQL refuses the password in secrets.json, so that file does not belong to the data beside it: put the right one back from a copy, or run start with --fresh, which throws the data away.",
    { cause },
  );
}

/** Whose members may connect to the database; `takings migrate` sees to that. */
const connectRole = `${databaseName}_connect`;

/** What logins may do is granted to these by the migrations; made here, so that the migrator need not make roles. */
const groups = [
  "takings_writer",
  "takings_reader",
  "takings_pruner",
  "takings_purger",
  "takings_reconciler",
  connectRole,
];

/** Makes the database and its roles where they are missing; passwords are set anew. */
export async function createDatabaseAndRoles(url: string, secrets: Secrets): Promise<void> {
  await withClient(url, async (client) => {
    for (const group of groups) await createGroup(client, group);
    await createLogin(client, "takings_migrator", secrets.postgres_migrator);
    await createLogin(client, "takings_consumer", secrets.postgres_consumer);
    await createLogin(client, "takings_query", secrets.postgres_query);
    await createLogin(client, "takings_purge", secrets.postgres_purger);
    await createLogin(client, "takings_reconcile", secrets.postgres_reconcile);
    // To say who holds a lock that a migration waits for, and since when.
    await client.query("grant pg_read_all_stats to takings_migrator");
    const found = await client.query("select from pg_database where datname = $1", [databaseName]);
    if (found.rowCount === 0) await client.query(`create database ${databaseName} owner takings_migrator`);
  });
}

/** Lets the services' login roles do what the migrated group roles may. */
export async function grantServiceRoles(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query("grant takings_writer to takings_consumer");
    await client.query("grant takings_reader to takings_query");
    await client.query("grant takings_purger to takings_purge");
    await client.query("grant takings_reconciler to takings_reconcile");
    await client.query(
      `grant ${connectRole} to takings_consumer, takings_query, takings_purge, takings_reconcile`,
    );
  });
}

/** Runs something with a connection and closes it. */
export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  // A server that goes away meanwhile fails the query; without a listener it would fail the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createGroup(client: Client, role: string): Promise<void> {
  if (!(await roleExists(client, role))) await client.query(`create role ${role} nologin`);
}

async function createLogin(client: Client, role: string, password: string): Promise<void> {
  const verb = (await roleExists(client, role)) ? "alter" : "create";
  await client.query(`${verb} role ${role} login nocreaterole password ${client.escapeLiteral(password)}`);
}

async function roleExists(client: Client, role: string): Promise<boolean> {
  const { rowCount } = await client.query("select from pg_roles where rolname = $1", [role]);
  return rowCount !== 0;
}
