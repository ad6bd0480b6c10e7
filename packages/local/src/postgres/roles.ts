import { Client } from "pg";
import { errorCode, LocalFailure } from "../failure.ts";
import type { Secrets } from "../directory/secrets.ts";
import { databaseName, databaseUrl, loginRoles } from "./urls.ts";

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
    "PostgreSQL refuses the password in secrets.json, which does not belong to the data beside it: restore the right file from a copy, or run start with --fresh, which deletes the data.",
    { cause },
  );
}

/** Members may connect to the database; `takings migrate` grants that. */
const connectRole = `${databaseName}_connect`;

/** The migrations grant privileges to these. They are created here, so that the migrator needs no right to. */
const groups = [
  "takings_writer",
  "takings_reader",
  "takings_pruner",
  "takings_purger",
  "takings_reconciler",
  connectRole,
];

/** The group of each login. */
const memberships = {
  consumer: "takings_writer",
  query: "takings_reader",
  purger: "takings_purger",
  reconcile: "takings_reconciler",
} as const;

/** Where a server is, and what opens it. */
interface ServerAddress {
  readonly port: number;
  readonly secrets: Secrets;
}

/** Creates the database and its roles where they are missing, and sets all passwords. */
export async function createDatabaseAndRoles(server: ServerAddress): Promise<void> {
  await withClient(databaseUrl("superuser", { ...server, database: "postgres" }), async (client) => {
    for (const group of groups) await createGroup(client, group);
    for (const user of ["migrator", "consumer", "query", "purger", "reconcile"] as const)
      await createLogin(client, loginRoles[user], server.secrets[`postgres_${user}`]);
    // To say who holds a lock that a migration waits for, and since when.
    await client.query("grant pg_read_all_stats to takings_migrator");
    const found = await client.query("select from pg_database where datname = $1", [databaseName]);
    if (found.rowCount === 0) await client.query(`create database ${databaseName} owner takings_migrator`);
  });
}

/** Grants the groups' privileges to the services' logins; after the migrations of that database. */
export async function grantServiceRoles(
  server: ServerAddress & { readonly database?: string },
): Promise<void> {
  await withClient(databaseUrl("superuser", server), async (client) => {
    for (const user of ["consumer", "query", "purger", "reconcile"] as const)
      await client.query(`grant ${memberships[user]}, ${connectRole} to ${loginRoles[user]}`);
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
