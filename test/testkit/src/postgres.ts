import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  databaseUrl,
  databaseUrls,
  type PostgresSettings,
  type ProcessIdentity,
  signalProcess,
  startOf,
  withClient,
} from "@takings/local";
import { freezeProcess } from "./freeze-process.ts";
import { type Standby, startStandby } from "./standby.ts";
import {
  fastParameters,
  migrateDatabase,
  type PostgresOptions,
  startPostgres,
  startPostgresServer,
} from "./start-postgres.ts";
import { testVariable } from "./test-variable.ts";

/** A PostgreSQL server of one test's own, migrated; it keeps its address and its data when it is restarted. */
export interface TestPostgres extends AsyncDisposable {
  readonly superuserUrl: string;
  /** For the role that migrates and owns the database. */
  readonly migratorUrl: string;
  readonly writerUrl: string;
  readonly readerUrl: string;
  /** Starts it again after `stop` or `kill`. */
  start(): Promise<void>;
  /** Ends it cleanly; transactions in progress are rolled back. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** It keeps its connections but does not respond until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** A second server that follows this one, and for which its commits wait from then on. */
  standby(): Promise<Standby>;
}

/**
 * @param parent directory of its data; the run's own unless the test needs another.
 * @param env further environment of the server.
 * @param chosen settings of the server; by default it does not wait for the disk.
 */
export async function testPostgres(
  parent = testVariable("TEST_DIR"),
  env: Readonly<Record<string, string>> = {},
  chosen: Readonly<Record<string, string>> = fastParameters,
): Promise<TestPostgres> {
  const dir = mkdtempSync(join(parent, "postgres-"));
  const parameters = { ...chosen, shared_buffers: "16MB", max_connections: "50" };
  // In the group of the test process, which the test run ends as a whole.
  const options: PostgresOptions = { parameters, env, sharesGroup: true };
  const started = await startPostgres(dir, options);
  const { settings } = started;
  let { process } = started;
  await migrateDatabase(settings);

  async function end(signal: NodeJS.Signals): Promise<void> {
    resume();
    await process.end(signal);
  }
  let paused: readonly number[] = [];
  async function pause(): Promise<void> {
    paused = [process.pid, ...(await backendsOf(settings))];
    for (const one of identitiesOf(paused)) await freezeProcess(one);
  }
  function resume(): void {
    for (const one of identitiesOf(paused)) signalProcess(one, "SIGCONT");
    paused = [];
  }
  const urls = databaseUrls(settings);
  return {
    superuserUrl: urls.superuser,
    migratorUrl: urls.migrator,
    writerUrl: urls.consumer,
    readerUrl: urls.query,
    standby: () => startStandby(settings, dir, options),
    async start() {
      if (process.hasEnded()) process = await startPostgresServer(settings, options);
    },
    stop: () => end("SIGINT"),
    kill: () => end("SIGKILL"),
    pause,
    resume,
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

// Each backend is in a session of its own, so each is stopped separately; the postmaster first, because it could start
// new ones.
async function backendsOf(settings: PostgresSettings): Promise<number[]> {
  const url = databaseUrl("superuser", { ...settings, database: "postgres" });
  const text = "select pid from pg_stat_activity where pid <> pg_backend_pid()";
  const { rows } = await withClient(url, (client) => client.query<{ pid: number }>(text));
  return rows.map(({ pid }) => pid);
}

/** Those of them that are alive. */
function identitiesOf(pids: readonly number[]): ProcessIdentity[] {
  return pids.flatMap((pid) => {
    const started = startOf(pid);
    return started === undefined ? [] : [{ pid, started }];
  });
}
