import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "pg";
import { closeDatabase, requireUtf8 } from "./database-access.ts";
import { type Migration, readMigrations } from "./migration-files.ts";
import { backendOf, type MigrationLock, takeMigrationLock, reportBlockers } from "./migration-lock.ts";
import { isLockTimeout } from "../session/database-errors.ts";
import { openClient } from "../session/open-client.ts";
import { requireDirect } from "../session/pooled-connection.ts";
import { type AppliedMigration, appliedText, contradiction, unapplied } from "./schema-version.ts";

/** Where the migrations are, and how long to wait. */
export type MigrateOptions = {
  /** The folder of migrations, by default that of this version. */
  readonly folder?: URL;
  /** How long to wait for other sessions in total. */
  readonly waitMs?: number;
};

/**
 * While a migration waits for a table, all later queries of that table wait behind it. So it waits no longer than this,
 * then pauses to let them through.
 */
const lockTimeoutMs = 1_000;
const pauseMs = 2_000;
const defaultWaitMs = 300_000;

/**
 * Migrates the database to this version, each numbered file in its own transaction. Forward only: a database whose
 * applied migrations differ from those of this version, or that has more of them, is refused. Must run as the role that
 * owns the schema, and, to restrict who may connect, the database.
 * @returns the names of the migrations that it applied.
 */
export async function migrate(
  url: string,
  report: (line: string) => void,
  { folder, waitMs = defaultWaitMs }: MigrateOptions = {},
): Promise<readonly string[]> {
  const deadline = performance.now() + waitMs;
  const known = await readMigrations(folder);
  const client = await openClient(url, { name: "migrate", lockTimeoutMs });
  try {
    await requireUtf8(client);
    const lock = await takeMigrationLock(url, { deadline, report });
    try {
      const pending = await pendingMigrations(client, known);
      for (const migration of pending) {
        report(`migrating ${migration.name}`);
        await applyWithRetry(client, migration, { lock, deadline, report });
      }
      await closeDatabase(client, report);
      return pending.map(({ name }) => name);
    } finally {
      await lock.release();
    }
  } finally {
    await client.end();
  }
}

async function pendingMigrations(client: Client, known: readonly Migration[]): Promise<readonly Migration[]> {
  await client.query(`
    create table if not exists takings.migrations (
      name text primary key,
      applied_at timestamptz not null default now(),
      checksum text not null
    )`);
  const { rows: applied } = await client.query<AppliedMigration>(appliedText);
  const fault = contradiction(known, applied);
  if (fault !== undefined) throw new Error(fault);
  const newer = applied.slice(known.length).map(({ name }) => name);
  if (newer.length > 0) {
    throw new Error(
      `the database has migrations that this version does not know (${newer.join(", ")}): run a newer version`,
    );
  }
  const pending = unapplied(known, applied);
  if (pending.length > 0) await requireOwner(client);
  return pending;
}

const ownerText = `
  select pg_get_userbyid(relowner) as owner, current_user::text as self
  from pg_class where oid = 'takings.migrations'::regclass`;

/**
 * Objects created by another role would belong to that role. Its security definer functions would run with its rights,
 * and everybody could execute them, because the default privileges are changed for the owner only.
 */
async function requireOwner(client: Client): Promise<void> {
  const { rows } = await client.query<{ owner: string; self: string }>(ownerText);
  const { owner = "", self = "" } = rows[0] ?? {};
  if (owner === self) return;
  throw new Error(`${owner} owns the tables of this database, not ${self}: migrate as ${owner}`);
}

type Attempt = {
  readonly lock: MigrationLock;
  readonly deadline: number;
  readonly report: (line: string) => void;
};

/** Retries while another session holds a lock that the migration needs, and reports which one. */
async function applyWithRetry(
  client: Client,
  migration: Migration,
  { lock, deadline, report }: Attempt,
): Promise<void> {
  let pid = 0;
  const onBegin = (backend: number): void => void (pid = backend);
  const apply = migration.runsAlone ? applyAlone : applyInTransaction;
  let lastSeen = "";
  const holders = async (): Promise<string> => (lastSeen = (await lock.blockersOf(pid)) || lastSeen);
  for (;;) {
    await lock.requireHeld();
    try {
      await reportBlockers(apply(client, migration, onBegin), holders, report);
      return;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (!isLockTimeout(cause))
        throw new Error(`migration ${migration.name} failed and changed nothing: ${reason}`, { cause });
      if (performance.now() + pauseMs > deadline)
        throw new Error(
          `migration ${migration.name} changed nothing, because other sessions hold locks that it needs: ${lastSeen || reason}; end these sessions or wait for them, then migrate again`,
          { cause },
        );
    }
    await delay(pauseMs);
  }
}

const insertMigrationText = "insert into takings.migrations (name, checksum) values ($1, $2)";

/** @param onBegin gets the process id of the backend in which the migration runs. */
async function applyInTransaction(
  client: Client,
  { name, checksum, sql }: Migration,
  onBegin: (backend: number) => void,
): Promise<void> {
  try {
    await client.query("begin");
    onBegin(await backendOf(client));
    await client.query(insertMigrationText, [name, checksum]);
    await client.query(sql);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

const invalidText = `
  select format('drop index concurrently %s', indexrelid::regclass) as statement
  from pg_index join pg_class on pg_class.oid = indexrelid
  where not indisvalid and relnamespace = 'takings'::regnamespace`;

// It blocks neither reads nor writes, so it may wait. Invalid indexes of an interrupted attempt are dropped first.
async function applyAlone(
  client: Client,
  { name, checksum, sql }: Migration,
  onBegin: (backend: number) => void,
): Promise<void> {
  await requireDirect(client, "a migration outside a transaction");
  onBegin(await backendOf(client));
  await client.query("set lock_timeout = 0");
  try {
    const { rows } = await client.query<{ statement: string }>(invalidText);
    for (const { statement } of rows) await client.query(statement);
    await client.query(sql);
    await client.query(insertMigrationText, [name, checksum]);
  } finally {
    await client.query(`set lock_timeout = ${lockTimeoutMs}`);
  }
}
