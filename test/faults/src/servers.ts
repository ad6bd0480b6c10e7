import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  answersQueries,
  createDatabaseAndRoles,
  databaseName,
  type Env,
  findNatsServer,
  freePorts,
  grantServiceRoles,
  isOk,
  loadSecrets,
  natsCommand,
  type NatsSettings,
  type PostgresSettings,
  preparePostgres,
  projectRoot,
  type Reaper,
  type Secrets,
  superuserUrl,
} from "@takings/local";
import { type SupervisedProcess, startSupervisedProcess } from "./supervised-process.ts";

/** Where servers keep their data, and how they differ from those of the local run. */
export type ServerOptions = {
  /** A directory of the servers' own; it may be the root of a file system. */
  readonly natsDir?: string;
  readonly postgresDir?: string;
  readonly natsRewrite?: (config: string) => string;
  readonly postgresParameters?: Readonly<Record<string, string>>;
};

export type Servers = {
  readonly nats: SupervisedProcess;
  readonly postgres: SupervisedProcess;
  readonly natsPort: number;
  readonly natsMonitorUrl: string;
  readonly postgresPort: number;
  readonly secrets: Secrets;
  /** The database as the superuser sees it. */
  readonly superuserUrl: string;
  /** Lets the services' roles do what the migrations allow; after the migrations. */
  grantRoles(): Promise<void>;
};

export type ServerContext = {
  readonly dir: string;
  readonly env: Env;
  readonly reaper: Reaper;
  readonly closing: AsyncDisposableStack;
};

/** Starts a nats-server and a PostgreSQL as `pnpm start` does, syncing included. */
export async function startServers(context: ServerContext, options: ServerOptions): Promise<Servers> {
  const { dir } = context;
  const secrets = loadSecrets(dir);
  const [natsPort = 0, monitorPort = 0, postgresPort = 0] = await freePorts(3);
  const { nats: natsPasswords } = passwordsOf(secrets);
  const natsSettings: NatsSettings = {
    dir: options.natsDir ?? join(dir, "nats"),
    port: natsPort,
    monitorPort,
    passwords: natsPasswords,
    ...(options.natsRewrite && { rewrite: options.natsRewrite }),
  };
  const postgresSettings: PostgresSettings = {
    dir: options.postgresDir ?? join(dir, "postgres"),
    port: postgresPort,
    password: secrets.postgres_superuser,
    parameters: { shared_buffers: "32MB", ...options.postgresParameters },
    say: () => undefined,
  };
  const [nats, postgres] = await Promise.all([
    startNats(context, natsSettings),
    startPostgres(context, postgresSettings),
  ]);
  await Promise.all([nats.ready(), postgres.ready()]);
  await createDatabaseAndRoles(superuserUrl(postgresSettings, "postgres"), secrets);
  const superuser = superuserUrl(postgresSettings, databaseName);
  return {
    nats,
    postgres,
    natsPort,
    natsMonitorUrl: `http://127.0.0.1:${monitorPort}`,
    postgresPort,
    secrets,
    superuserUrl: superuser,
    grantRoles: () => grantServiceRoles(superuser),
  };
}

/** Every user of the server with its password: whoever is added to the secrets is added here. */
function passwordsOf(secrets: Secrets): { readonly nats: NatsSettings["passwords"] } {
  const users = Object.entries(secrets).flatMap(([name, secret]) =>
    name.startsWith("nats_") ? [[name.slice("nats_".length), secret] as const] : [],
  );
  return { nats: Object.fromEntries(users) as NatsSettings["passwords"] };
}

async function startNats(context: ServerContext, settings: NatsSettings): Promise<SupervisedProcess> {
  const { dir, env, reaper, closing } = context;
  const cacheDir = join(projectRoot(), "node_modules", ".cache", "takings");
  const binary = await findNatsServer({ env, cacheDir, say: () => undefined });
  mkdirSync(settings.dir, { recursive: true });
  return startSupervisedProcess({
    name: "nats",
    logFile: join(dir, "logs", "nats.log"),
    reaper,
    closing,
    endWith: "SIGKILL",
    command: () => natsCommand(binary, settings),
    isReady: () => isOk(`http://127.0.0.1:${settings.monitorPort}/healthz`),
  });
}

async function startPostgres(context: ServerContext, settings: PostgresSettings): Promise<SupervisedProcess> {
  const { dir, reaper, closing } = context;
  mkdirSync(settings.dir, { recursive: true });
  // PostgreSQL, when it may not run as root, runs as another user and has to pass through here.
  if (process.getuid?.() === 0) chmodSync(dir, 0o711);
  return startSupervisedProcess({
    name: "postgres",
    logFile: join(dir, "logs", "postgres.log"),
    reaper,
    closing,
    endWith: "SIGQUIT",
    command: () => preparePostgres(settings),
    isReady: () => answersQueries(superuserUrl(settings, "postgres")),
  });
}
