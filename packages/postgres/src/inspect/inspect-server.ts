import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "../session/run-read.ts";

/** What a server says about itself. */
export type ServerState = {
  /** Such as `18.1`. */
  readonly version: string;
  readonly database: string;
  readonly login: string;
  readonly isStandby: boolean;
  /** The session may write nothing, because the server, the database or the login says so. */
  readonly isReadOnly: boolean;
  /** Settings without which a commit may be lost in a crash, and that are off. */
  readonly unsafeSettings: readonly string[];
  /** The standbys that a commit waits for; empty where it waits for none. */
  readonly synchronousStandbys: string;
  readonly clock: Date;
};

// Every session sets synchronous_commit itself; the others belong to the server.
const stateText = `
  select current_setting('server_version') as version, current_database() as database, session_user::text as login,
    pg_is_in_recovery() as is_standby, current_setting('transaction_read_only') = 'on' as is_read_only,
    array(
      select name from unnest(array['fsync', 'full_page_writes', 'synchronous_commit']) as name
      where current_setting(name) = 'off'
    ) as unsafe_settings,
    current_setting('synchronous_standby_names') as standbys, clock_timestamp() as clock`;

const stateRow = z
  .object({
    version: z.string(),
    database: z.string(),
    login: z.string(),
    is_standby: z.boolean(),
    is_read_only: z.boolean(),
    unsafe_settings: z.array(z.string()),
    standbys: z.string(),
    clock: z.date(),
  })
  .transform((row) => ({
    version: row.version,
    database: row.database,
    login: row.login,
    isStandby: row.is_standby,
    isReadOnly: row.is_read_only,
    unsafeSettings: row.unsafe_settings,
    synchronousStandbys: row.standbys,
    clock: row.clock,
  }));

/** Any login may ask. @throws TakingsError `unavailable` */
export async function inspectServer(pool: Pool): Promise<ServerState> {
  const parse = (row: unknown): ServerState => stateRow.parse(row);
  const [state] = await runRead(pool, { what: "the server's state", text: stateText, values: [], parse });
  if (state === undefined) throw new Error("PostgreSQL returned no row for its own state");
  return state;
}

/** What PostgreSQL knows about backups: how the archiving of its log goes. */
export type ArchivingState = {
  /** False where `archive_mode` is off: then it knows nothing of backups. */
  readonly isOn: boolean;
  readonly lastArchived: Date | undefined;
  readonly lastFailed: Date | undefined;
};

const archivingText = `
  select current_setting('archive_mode') <> 'off' as is_on, last_archived_time as archived, last_failed_time as failed
  from pg_stat_archiver`;

const archivingRow = z
  .object({ is_on: z.boolean(), archived: z.date().nullable(), failed: z.date().nullable() })
  .transform((row) => ({
    isOn: row.is_on,
    lastArchived: row.archived ?? undefined,
    lastFailed: row.failed ?? undefined,
  }));

/** Any login may ask. @throws TakingsError `unavailable` */
export async function readArchiving(pool: Pool): Promise<ArchivingState> {
  const parse = (row: unknown): ArchivingState => archivingRow.parse(row);
  const [state] = await runRead(pool, { what: "the archiver", text: archivingText, values: [], parse });
  if (state === undefined) throw new Error("pg_stat_archiver returned no row");
  return state;
}
