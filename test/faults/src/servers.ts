import { chmodSync } from "node:fs";
import { join } from "node:path";
import {
  createDatabaseAndRoles,
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
import { type ProcessContext, type SupervisedProcess, startSupervisedProcess } from "./supervised-process.ts";

/** How the servers differ from those of the local run. */
export type ServerOptions = {
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
  readonly postgres: SupervisedProcess;
  readonly natsSettings: NatsSettings;
  readonly postgresSettings: PostgresSettings;
  /** The product's database, for the superuser. */
  readonly superuserUrl: string;
};

/** Starts a nats-server and a PostgreSQL as `pnpm start` does; both sync to disk. */
export async function startServers(context: ProcessContext, options: ServerOptions): Promise<Servers> {
  const { dir, env } = context;
  const { natsServers = 1 } = options;
  const secrets = loadSecrets(dir);
  const [natsPort = 0, monitorPort = 0, port = 0] = await freePorts(3);
  const natsSettings: NatsSettings = {
    dir: (natsServers === 1 ? options.natsDir : undefined) ?? join(dir, "nats"),
    port: natsPort,
    monitorPort,
    passwords: natsPasswords(secrets),
    ...(options.natsRewrite && { rewrite: options.natsRewrite }),
  };
  const postgresSettings: PostgresSettings = {
    dir: options.postgresDir ?? join(dir, "postgres"),
    port,
    secrets,
    parameters: { shared_buffers: "32MB", ...options.postgresParameters },
  };
  // PostgreSQL does not run as root: then another user has to pass through this directory.
  if (process.getuid?.() === 0) chmodSync(dir, 0o711);
  const logFile = (name: string): string => join(dir, "logs", `${name}.log`);
  const binary = await findNatsServer({ env, say: () => undefined });
  const [{ nats, natsCluster }, postgres] = await Promise.all([
    startNats(context, options, binary, natsSettings),
    startSupervisedProcess(context, postgresProcess(postgresSettings, logFile("postgres")), "SIGQUIT"),
  ]);
  const all = natsCluster?.servers.map(({ process }) => process) ?? [nats];
  await Promise.all([...all, postgres].map((process) => process.ready()));
  await createDatabaseAndRoles(postgresSettings);
  const superuserUrl = databaseUrl("superuser", postgresSettings);
  return { nats, natsCluster, postgres, natsSettings, postgresSettings, superuserUrl };
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
