import { execFile } from "node:child_process";
import { chownSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { databaseUrl, databaseUrls, freePorts, type PostgresSettings, withClient } from "@takings/local";
import { eventually } from "./eventually.ts";
import { type PostgresOptions, startPostgresServer } from "./start-postgres.ts";

const run = promisify(execFile);

/** A server that follows another one until it is promoted. */
export type Standby = AsyncDisposable & {
  readonly superuserUrl: string;
  readonly writerUrl: string;
  readonly readerUrl: string;
  /** Ends it cleanly; the primary's commits wait from then on. */
  stop(): Promise<void>;
  /** Starts it again after `stop`. */
  start(): Promise<void>;
  /** Makes it a primary. */
  promote(): Promise<void>;
};

/** Copies a running server below `dir`, lets the copy follow it, and makes the primary's commits wait for the copy. */
export async function startStandby(
  primary: PostgresSettings,
  dir: string,
  options: PostgresOptions,
): Promise<Standby> {
  const [port = 0] = await freePorts(1);
  const home = join(dir, "standby");
  mkdirSync(home);
  await copyCluster(primary, join(home, "data"));
  const password = primary.secrets.postgres_superuser;
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${password} application_name=standby`;
  const parameters = { ...primary.parameters, primary_conninfo: conninfo };
  const settings = { ...primary, dir: home, port, parameters };
  let process = await startPostgresServer(settings, options);
  await waitForStandby(postgresUrl(primary));
  const urls = databaseUrls(settings);
  return {
    superuserUrl: urls.superuser,
    writerUrl: urls.consumer,
    readerUrl: urls.query,
    async stop() {
      await process.end("SIGINT");
    },
    async start() {
      process = await startPostgresServer(settings, options);
    },
    async promote() {
      await withClient(postgresUrl(settings), (client) => client.query("select pg_promote()"));
    },
    async [Symbol.asyncDispose]() {
      await process.end("SIGKILL");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function postgresUrl(server: PostgresSettings): string {
  return databaseUrl("superuser", { ...server, database: "postgres" });
}

/**
 * Copies the data of a running server to a directory that does not exist. A server that starts on the copy is its standby.
 * A base backup by hand, because the binaries have no pg_basebackup.
 */
export async function copyCluster(primary: PostgresSettings, data: string): Promise<void> {
  await withClient(postgresUrl(primary), async (client) => {
    await client.query("select pg_backup_start('standby', true)");
    // Files come and go meanwhile; what is missing is restored from the log.
    await run("cp", ["-a", join(primary.dir, "data"), data]).catch((error: unknown) => {
      if (!/No such file/.test(String(error))) throw error;
    });
    const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)");
    writeAsOwner(data, "backup_label", rows[0]?.labelfile ?? "");
  });
  writeAsOwner(data, "standby.signal", "");
  rmSync(join(data, "postmaster.pid"), { force: true });
}

function writeAsOwner(data: string, name: string, text: string): void {
  const { uid, gid } = statSync(data);
  writeFileSync(join(data, name), text);
  chownSync(join(data, name), uid, gid);
}

async function waitForStandby(primary: string): Promise<void> {
  await withClient(primary, async (client) => {
    await client.query("alter system set synchronous_standby_names = 'standby'");
    await client.query("select pg_reload_conf()");
    await eventually("commits to wait for the standby", async () => {
      const { rows } = await client.query("select from pg_stat_replication where sync_state = 'sync'");
      return rows.length > 0;
    });
  });
}
