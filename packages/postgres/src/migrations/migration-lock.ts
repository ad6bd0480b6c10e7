import { setTimeout as delay } from "node:timers/promises";
import { type Client, DatabaseError } from "pg";
import { isLockTimeout } from "../session/database-errors.ts";
import { openClient } from "../session/open-client.ts";

/** The right to migrate. A dedicated connection holds it; if that breaks, the right is lost. */
export type MigrationLock = {
  /** Describes the sessions that block the given backend; empty when none do. */
  blockersOf(pid: number): Promise<string>;
  /** @throws Error when the lock is lost, so that nothing more may be changed. */
  requireHeld(): Promise<void>;
  release(): Promise<void>;
};

/** How to wait for other sessions. */
export type WaitOptions = {
  /** When to give up, on the scale of `performance.now()`. */
  readonly deadline: number;
  readonly report: (line: string) => void;
};

const lockName = "takings.migration_lock";
const firstReportMs = 500;
const reportIntervalMs = 5_000;

/**
 * Waits until no other migrator runs. It locks a table, because every login can take an advisory lock and hold it as long
 * as it likes; on this table only the owner has rights.
 */
export async function takeMigrationLock(url: string, waiting: WaitOptions): Promise<MigrationLock> {
  const holder = await openClient(url, { name: "migrate-lock" });
  try {
    await makeLockTable(holder);
    await holder.query("begin");
    await takeTable(url, holder, waiting);
  } catch (error) {
    await holder.end();
    throw error;
  }
  return {
    blockersOf: (pid) => blockersOf(holder, pid),
    requireHeld: async () => void (await holder.query("select")),
    release: () => holder.end(),
  };
}

/** Reports repeatedly which sessions block some work, while it runs. */
export async function reportBlockers<T>(
  work: Promise<T>,
  holders: () => Promise<string>,
  report: (line: string) => void,
): Promise<T> {
  const done = new AbortController();
  const reporting = (async () => {
    for (let pauseMs = firstReportMs; !done.signal.aborted; pauseMs = reportIntervalMs) {
      await delay(pauseMs, undefined, { signal: done.signal }).catch(() => {});
      if (done.signal.aborted) return;
      const who = await holders().catch(() => "");
      if (who !== "") report(`waiting for ${who}`);
    }
  })();
  try {
    return await work;
  } finally {
    done.abort();
    await reporting;
  }
}

async function takeTable(url: string, holder: Client, { deadline, report }: WaitOptions): Promise<void> {
  const waitMs = Math.max(1, Math.ceil(deadline - performance.now()));
  await holder.query(`set local lock_timeout = ${waitMs}`);
  const pid = await backendOf(holder);
  const watcher = await openClient(url, { name: "migrate-watch" });
  try {
    const taking = holder.query(`lock table ${lockName} in exclusive mode`);
    await reportBlockers(taking, () => blockersOf(watcher, pid), report);
  } catch (cause) {
    if (!isLockTimeout(cause)) throw cause;
    const message =
      "another takings migrate is running and did not finish in time; wait for it, or end its session";
    throw new Error(message, { cause });
  } finally {
    await watcher.end();
  }
}

// Several migrators may find it missing; one of them creates it.
async function makeLockTable(client: Client): Promise<void> {
  for (let triesLeft = 5; ; triesLeft -= 1) {
    const { rows } = await client.query<{ found: boolean }>(
      `select to_regclass('${lockName}') is not null as found`,
    );
    if (rows[0]?.found === true) return;
    try {
      await client.query(
        `create schema if not exists takings; create table if not exists ${lockName} (held boolean)`,
      );
      return;
    } catch (error) {
      const isRace = error instanceof DatabaseError && /^(23505|42P06|42P07|XX000)$/.test(error.code ?? "");
      if (!isRace || triesLeft === 0) throw error;
    }
  }
}

/** The process id of a client's backend. */
export async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}

const blockersText = `
  select pid, usename, application_name, to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
  from pg_stat_activity where pid = any(pg_blocking_pids($1)) order by pid`;

type Blocker = {
  readonly pid: number;
  readonly usename: string | null;
  readonly application_name: string | null;
  readonly since: string | null;
};

async function blockersOf(client: Client, pid: number): Promise<string> {
  const { rows } = await client.query<Blocker>(blockersText, [pid]);
  return rows
    .map((row) => {
      const since = row.since ?? "a time that only pg_read_all_stats may see";
      return `pid ${row.pid} (application ${row.application_name || "unnamed"}, user ${row.usename ?? "unknown"}, in a transaction since ${since})`;
    })
    .join(", ");
}
