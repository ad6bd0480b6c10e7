import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { databaseUrl, freePorts, postgresProcess, type PostgresSettings, withClient } from "@takings/local";
import { copyCluster, eventually } from "@takings/testkit";
import { openTcpProxy, type TcpProxy } from "./proxy.ts";
import type { PostgresTemplate } from "./postgres-template.ts";
import { type ProcessContext, type SupervisedProcess, startSupervisedProcess } from "./supervised-process.ts";

/** Whether PostgreSQL has a standby. */
export type PairOptions = {
  /** `synchronous`: the primary's commits wait for it. */
  readonly standby?: "synchronous" | "asynchronous";
};

/** One of two servers; which of them is the primary changes. */
export type PairedServer = {
  readonly process: SupervisedProcess;
  /** Bypasses the address that follows the primary. */
  readonly settings: PostgresSettings;
  /** Runs a statement that may be repeated, as the superuser. Its commit waits for no standby. */
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
};

/** A primary and its streaming standby, behind an address that follows the primary as a Kubernetes Service does. */
export type PostgresPair = {
  /** Of the address that follows the primary. */
  readonly settings: PostgresSettings;
  /** The address; `cut` resets the connections, which otherwise stay where they are. */
  readonly address: TcpProxy;
  primary(): PairedServer;
  standby(): PairedServer;
  /** Makes the standby the primary. New connections go there; the former primary is left as it is. */
  promote(): Promise<void>;
  /** Replaces the other server's data with a copy of the primary's, and starts it as the standby. */
  copyStandby(): Promise<void>;
  /** Resolves when the standby receives what the primary commits, and commits wait for it if they are to. */
  untilReplicating(): Promise<void>;
};

/** The name by which the primary knows its standby. */
const standbyName = "standby";

/** Starts two servers of which the second follows the first. Commits wait, or not, whichever is the primary. */
export async function openPostgresPair(
  context: ProcessContext & { readonly template: PostgresTemplate },
  common: PostgresSettings,
  mode: "synchronous" | "asynchronous",
): Promise<PostgresPair> {
  const ports = await freePorts(2);
  const [first, second] = [0, 1].map((index) => settingsOf(common, index, ports));
  if (first === undefined || second === undefined) throw new Error("a pair has two servers");
  await context.template.copyCluster(first);
  let primary = await startServer(context, first);
  await primary.process.ready();
  // In the data directory, so that the copy has it too.
  const names = mode === "synchronous" ? standbyName : "";
  await primary.sql(`alter system set synchronous_standby_names = '${names}'`);
  await primary.sql("select pg_reload_conf()");
  mkdirSync(second.dir);
  await copyCluster(first, join(second.dir, "data"));
  let standby = await startServer(context, second);
  const address = await openTcpProxy(first.port);
  context.closing.defer(address.close);

  const untilReplicating = async (): Promise<void> => {
    const wanted = mode === "synchronous" ? "sync" : "async";
    await eventually(
      `the standby to be ${wanted}`,
      async () => {
        const rows = await primary.sql("select state, sync_state from pg_stat_replication");
        return rows.some(({ state, sync_state: sync }) => state === "streaming" && sync === wanted);
      },
      startsWithinMs,
    );
  };
  await untilReplicating();
  return {
    settings: { ...common, port: address.port },
    address,
    primary: () => primary,
    standby: () => standby,
    async promote() {
      await standby.process.ready();
      await standby.sql("select pg_promote() where pg_is_in_recovery()");
      [primary, standby] = [standby, primary];
      address.target(primary.settings.port);
    },
    async copyStandby() {
      const { process, settings } = standby;
      process.hold();
      await process.end("SIGKILL");
      const data = join(settings.dir, "data");
      // Its backends end a moment after it.
      rmSync(data, { recursive: true, force: true, maxRetries: 10 });
      await copyCluster(primary.settings, data);
      process.release();
      await process.ready();
      await untilReplicating();
    },
    untilReplicating,
  };
}

const startsWithinMs = 30_000;

function settingsOf(common: PostgresSettings, index: number, ports: readonly number[]): PostgresSettings {
  const password = common.secrets.postgres_superuser;
  const other = ports[1 - index];
  const conninfo = `host=127.0.0.1 port=${other} user=postgres password=${password} application_name=${standbyName}`;
  return {
    ...common,
    dir: `${common.dir}-${index}`,
    port: ports[index] ?? 0,
    parameters: {
      ...common.parameters,
      // Only a standby connects; it tries again soon while the other server is away.
      primary_conninfo: conninfo,
      wal_retrieve_retry_interval: "100ms",
      // Servers are killed and copied, and the machine loses no power, so nothing depends on the disk.
      fsync: "off",
      // A standby that was away finds what it lacks.
      wal_keep_size: "64MB",
      // The log is copied with each new standby.
      max_wal_size: "128MB",
      min_wal_size: "32MB",
    },
  };
}

async function startServer(context: ProcessContext, settings: PostgresSettings): Promise<PairedServer> {
  const name = settings.dir.split("/").at(-1) ?? "";
  const definition = postgresProcess(settings, join(context.dir, "logs", `${name}.log`));
  const process = await startSupervisedProcess(context, { ...definition, name }, "SIGQUIT");
  const url = databaseUrl("superuser", settings);
  return {
    process,
    settings,
    sql: (text) => eventually(`${name} to run a statement`, () => runLocally(url, text)),
  };
}

function runLocally(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  return withClient(url, async (client) => {
    await client.query("set synchronous_commit = local");
    return (await client.query(text)).rows;
  });
}
