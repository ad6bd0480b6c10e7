import { execFile } from "node:child_process";
import { chownSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type Child,
  endProcess,
  eventually,
  freePorts,
  type PostgresSettings,
  superuserUrl,
  withClient,
} from "@takings/local";

const run = promisify(execFile);

/** Where a server is, for each role. */
export type ServerUrls = {
  readonly superuserUrl: string;
  readonly writerUrl: string;
  readonly readerUrl: string;
};

/** A server that follows another one until it is promoted. */
export type Standby = ServerUrls &
  AsyncDisposable & {
    /** From now on it is a primary. */
    promote(): Promise<void>;
  };

type Making = {
  readonly launch: (settings: PostgresSettings, dir: string) => Promise<Child>;
  readonly urls: (port: number) => ServerUrls;
};

/** Copies a running server below `dir`, lets the copy follow it, and makes its commits wait for the copy. */
export async function startStandby(
  primary: PostgresSettings,
  dir: string,
  { launch, urls }: Making,
): Promise<Standby> {
  const [port = 0] = await freePorts(1);
  const home = join(dir, "standby");
  const data = join(home, "data");
  mkdirSync(home);
  await copyCluster(primary, data);
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${primary.password} application_name=standby`;
  const parameters = { ...primary.parameters, primary_conninfo: conninfo };
  const settings = { ...primary, dir: home, port, parameters };
  const child = await launch(settings, home);
  await waitForStandby(superuserUrl(primary, "postgres"));
  return {
    ...urls(port),
    async promote() {
      await withClient(superuserUrl(settings, "postgres"), (client) => client.query("select pg_promote()"));
    },
    async [Symbol.asyncDispose]() {
      await endProcess({ ...child, name: "standby", signal: "SIGKILL" }, 10_000);
      await child.ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A base backup by hand, because the binaries have no pg_basebackup. */
async function copyCluster(primary: PostgresSettings, data: string): Promise<void> {
  await withClient(superuserUrl(primary, "postgres"), async (client) => {
    await client.query("select pg_backup_start('standby', true)");
    // Files come and go meanwhile; what is missing is made again from the log.
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
