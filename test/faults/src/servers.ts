import { chmodSync } from "node:fs";
import { join } from "node:path";
import {
  databaseUrl,
  findNatsServer,
  freePorts,
  loadSecrets,
  natsPasswords,
  natsProcess,
  type NatsSettings,
  postgresProcess,
  type PostgresSettings,
} from "@takings/local";
import { type NatsCluster, startNatsCluster } from "./nats-cluster.ts";
import { openPostgresPair, type PostgresPair, type PairOptions } from "./postgres-pair.ts";
import type { PostgresTemplate } from "./postgres-template.ts";
import { type ProcessContext, type SupervisedProcess, startSupervisedProcess } from "./supervised-process.ts";

/** How the servers differ from those of the local run. */
export type ServerOptions = PairOptions & {
  /** Three servers of one cluster instead of one. */
  readonly natsServers?: 1 | 3;
  /** A directory of the server's own, of a cluster's first one; it may be the root of a file system. */
  readonly natsDir?: string;
  readonly postgresDir?: string;
  readonly natsRewrite?: (config: string) => string;
  readonly postgresParameters?: Readonly<Record<string, string>>;
};

export type Servers = {
  /** The server, or the first one of a cluster. */
  readonly nats: SupervisedProcess;
  /** All servers of a cluster; `undefined` when there is one server only. */
  readonly natsCluster: NatsCluster | undefined;
  /** The primary, where there is a standby. */
  readonly postgres: SupervisedProcess;
  /** With the option `standby`. */
  readonly pair?: PostgresPair;
  readonly natsSettings: NatsSettings;
  readonly postgresSettings: PostgresSettings;
  /** The product's database, for the superuser. */
  readonly superuserUrl: string;
};

/** What servers need. */
export type ServerContext = ProcessContext & { readonly template: PostgresTemplate };

/** Starts a nats-server and a PostgreSQL with the product's tables as `pnpm start` does; both sync to disk. */
export async function startServers(context: ServerContext, options: ServerOptions): Promise<Servers> {
  const { dir, env } = context;
  const { natsServers = 1 } = options;
  context.template.copySecrets(dir);
  const secrets = loadSecrets(dir);
  const [natsPort = 0, monitorPort = 0, postgresPort = 0] = await freePorts(3);
  const natsSettings: NatsSettings = {
    dir: (natsServers === 1 ? options.natsDir : undefined) ?? join(dir, "nats"),
    port: natsPort,
    monitorPort,
    passwords: natsPasswords(secrets),
    ...(options.natsRewrite && { rewrite: options.natsRewrite }),
  };
  const postgresSettings: PostgresSettings = {
    dir: options.postgresDir ?? join(dir, "postgres"),
    port: postgresPort,
    secrets,
    parameters: { shared_buffers: "32MB", ...options.postgresParameters },
  };
  // PostgreSQL does not run as root: then another user has to pass through this directory.
  if (process.getuid?.() === 0) chmodSync(dir, 0o711);
  const binary = await findNatsServer({ env, say: () => undefined });
  const [{ nats, natsCluster }, postgres] = await Promise.all([
    startNats(context, options, binary, natsSettings),
    options.standby === undefined
      ? startPostgres(context, postgresSettings)
      : openPostgresPair(context, postgresSettings, options.standby),
  ]);
  const all = natsCluster?.servers.map(({ process }) => process) ?? [nats];
  await Promise.all(all.map((process) => process.ready()));
  const superuserUrl = databaseUrl("superuser", postgres.settings);
  const common = { nats, natsCluster, natsSettings, postgresSettings: postgres.settings, superuserUrl };
  if ("process" in postgres) return { ...common, postgres: postgres.process };
  return {
    ...common,
    pair: postgres,
    get postgres() {
      return postgres.primary().process;
    },
  };
}

type SinglePostgres = { readonly process: SupervisedProcess; readonly settings: PostgresSettings };

async function startPostgres(context: ServerContext, settings: PostgresSettings): Promise<SinglePostgres> {
  await context.template.copyCluster(settings);
  const definition = postgresProcess(settings, join(context.dir, "logs", "postgres.log"));
  const process = await startSupervisedProcess(context, definition, "SIGQUIT");
  await process.ready();
  return { process, settings };
}

async function startNats(
  context: ProcessContext,
  { natsServers = 1, natsDir }: ServerOptions,
  binary: string,
  settings: NatsSettings,
): Promise<Pick<Servers, "nats" | "natsCluster">> {
  if (natsServers === 1) {
    const definition = natsProcess(binary, settings, join(context.dir, "logs", "nats.log"));
    return { nats: await startSupervisedProcess(context, definition), natsCluster: undefined };
  }
  const natsCluster = await startNatsCluster(context, { binary, settings, firstDir: natsDir });
  const [first] = natsCluster.servers;
  if (first === undefined) throw new Error("a cluster without servers");
  return { nats: first.process, natsCluster };
}
