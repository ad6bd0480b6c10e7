import { readdir, readFile } from "node:fs/promises";
import { Client } from "pg";

/** Serialises migrators; the lock goes with the connection, so a killed migrator leaves nothing behind. */
const migrationLock = { space: 0x74616b69, key: 1 };
const lockTimeoutMs = 60_000;
const folder = new URL("../migrations/", import.meta.url);

/** The migrations this version knows, in order. */
export async function knownMigrations(): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /^\d{6}_\w+\.sql$/.test(name)).toSorted();
}

/**
 * Brings the database to this version, each numbered file in a transaction of its own. Forward only: a database
 * that knows migrations which this version does not is newer, and is refused.
 * Runs as the role that owns the schema, on a direct connection (session locks do not survive a pooler).
 * @returns the names of the migrations that were applied now.
 */
export async function migrate(url: string, report: (line: string) => void): Promise<readonly string[]> {
  const client = new Client({ connectionString: url, application_name: "takings-migrate" });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query(`set lock_timeout = ${lockTimeoutMs}; set timezone = 'UTC'`);
    await client.query("select pg_advisory_lock($1, $2)", [migrationLock.space, migrationLock.key]);
    const pending = await pendingMigrations(client);
    for (const name of pending) {
      report(`migrating ${name}`);
      await apply(client, name);
    }
    return pending;
  } finally {
    await client.end();
  }
}

async function pendingMigrations(client: Client): Promise<readonly string[]> {
  await client.query(`
    create schema if not exists takings;
    create table if not exists takings.migrations (
      name text primary key,
      applied_at timestamptz not null default now()
    )`);
  const { rows } = await client.query<{ name: string }>("select name from takings.migrations order by name");
  const known = await knownMigrations();
  const unknown = rows.filter(({ name }, index) => known[index] !== name).map(({ name }) => name);
  if (unknown.length > 0) {
    throw new Error(
      `the database has migrations that this version does not know (${unknown.join(", ")}): run a newer version`,
    );
  }
  return known.slice(rows.length);
}

async function apply(client: Client, name: string): Promise<void> {
  const sql = await readFile(new URL(name, folder), "utf8");
  try {
    await client.query("begin");
    // First, so that a second migrator that got past the lock fails here and not half-way.
    await client.query("insert into takings.migrations (name) values ($1)", [name]);
    await client.query(sql);
    await client.query("commit");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`migration ${name} failed and changed nothing: ${reason}`, { cause });
  }
}
