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
import { type ProcessContext, type SupervisedProcess, startSupervisedProcess } from "./supervised-process.ts";

/** How the servers differ from those of the local run. */
export type ServerOptions = {
  /** A directory of the server's own; it may be the root of a file system. */
  readonly natsDir?: string;
  readonly postgresDir?: string;
  readonly natsRewrite?: (config: string) => string;
  readonly postgresParameters?: Readonly<Record<string, string>>;
};

export type Servers = {
  readonly nats: SupervisedProcess;
  readonly postgres: SupervisedProcess;
  readonly natsSettings: NatsSettings;
  readonly postgresSettings: PostgresSettings;
  /** The product's database, for the superuser. */
  readonly superuserUrl: string;
};

/** Starts a nats-server and a PostgreSQL as `pnpm start` does; both sync to disk. */
export async function startServers(context: ProcessContext, options: ServerOptions): Promise<Servers> {
  const { dir, env } = context;
  const secrets = loadSecrets(dir);
  const [natsPort = 0, monitorPort = 0, port = 0] = await freePorts(3);
  const natsSettings: NatsSettings = {
    dir: options.natsDir ?? join(dir, "nats"),
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
  const [nats, postgres] = await Promise.all([
    startSupervisedProcess(context, natsProcess(binary, natsSettings, logFile("nats"))),
    startSupervisedProcess(context, postgresProcess(postgresSettings, logFile("postgres")), "SIGQUIT"),
  ]);
  await Promise.all([nats.ready(), postgres.ready()]);
  await createDatabaseAndRoles(postgresSettings);
  const superuserUrl = databaseUrl("superuser", postgresSettings);
  return { nats, postgres, natsSettings, postgresSettings, superuserUrl };
}
