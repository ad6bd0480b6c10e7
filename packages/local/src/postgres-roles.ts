import { Client } from "pg";
import { errorCode, LocalFailure } from "./failure.ts";
import type { Secrets } from "./secrets.ts";

/** Name of the product's database. */
export const databaseName = "takings";

/** True once the server answers a query. */
export async function answersQueries(url: string): Promise<boolean> {
  return (await whyNoQueries(url)) === undefined;
}

/** Why the server answers no query, or undefined when it does. Throws a LocalFailure where it refuses the password. */
export async function whyNoQueries(url: string): Promise<string | undefined> {
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

/** Makes the database and its login roles where they are missing; passwords are set anew. */
export async function createDatabaseAndRoles(url: string, secrets: Secrets): Promise<void> {
  await withClient(url, async (client) => {
    await createRole(client, "takings_migrator", secrets.postgres_migrator, "createrole");
    await createRole(client, "takings_consumer", secrets.postgres_consumer, "");
    await createRole(client, "takings_query", secrets.postgres_query, "");
    await createRole(client, "takings_purge", secrets.postgres_janitor, "");
    await createRole(client, "takings_reconcile", secrets.postgres_reconcile, "");
    const found = await client.query("select from pg_database where datname = $1", [databaseName]);
    if (found.rowCount === 0) await client.query(`create database ${databaseName} owner takings_migrator`);
  });
}

/** Lets the services' login roles do what the migrated group roles may. */
export async function grantServiceRoles(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query("grant takings_writer to takings_consumer");
    await client.query("grant takings_reader to takings_query");
    await client.query("grant takings_janitor to takings_purge");
    await client.query("grant takings_reconciler to takings_reconcile");
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

async function createRole(client: Client, role: string, password: string, options: string): Promise<void> {
  const found = await client.query("select from pg_roles where rolname = $1", [role]);
  const verb = found.rowCount === 0 ? "create" : "alter";
  await client.query(`${verb} role ${role} login ${options} password ${client.escapeLiteral(password)}`);
}
