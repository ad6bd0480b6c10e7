import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "../processes/child.ts";
import { probeFailure } from "../network/http-probe.ts";
import { natsCommand, type NatsSettings, natsUrl } from "../nats/config.ts";
import { findNatsServer } from "../nats/find-nats-server.ts";
import { freePorts } from "../network/ports.ts";
import { createDatabaseAndRoles, databaseName, grantServiceRoles, queryFailure } from "../postgres/roles.ts";
import { type PostgresSettings, postgresUrl, preparePostgres, superuserUrl } from "../postgres/cluster.ts";
import { loadSecrets, type Secrets } from "../directory/secrets.ts";
import type { StackAddresses } from "./services.ts";
import type { StackContext } from "./stack.ts";

/** The running servers, as the services need to know them. */
export interface Servers extends StackAddresses {
  /** Lets the services' roles do what the migrations allow; after the migrations. */
  grantRoles(): Promise<void>;
}

/** Starts NATS and PostgreSQL, with the database and its login roles. */
export async function startServers(context: StackContext): Promise<Servers> {
  const secrets = loadSecrets(context.dir);
  const [natsPort = 0, monitorPort = 0, postgresPort = 0] = await freePorts(3);
  const postgres: PostgresSettings = {
    dir: join(context.dir, "postgres"),
    port: postgresPort,
    password: secrets.postgres_superuser,
    signal: context.signal,
    say: context.say,
  };
  const nats: NatsSettings = {
    dir: join(context.dir, "nats"),
    port: natsPort,
    monitorPort,
    passwords: {
      admin: secrets.nats_admin,
      ingress: secrets.nats_ingress,
      consumer: secrets.nats_consumer,
      purger: secrets.nats_purger,
      reconcile: secrets.nats_reconcile,
    },
  };
  await startNats(context, nats);
  await startPostgres(context, postgres);
  await createDatabaseAndRoles(superuserUrl(postgres, "postgres"), secrets);
  return addresses(nats, postgres, secrets);
}

async function startNats(context: StackContext, settings: NatsSettings): Promise<void> {
  const { env, root, say, signal } = context;
  const cacheDir = join(root, "node_modules", ".cache", "takings");
  const binary = await findNatsServer({ env, cacheDir, say, signal });
  mkdirSync(settings.dir, { recursive: true, mode: 0o700 });
  const logFile = join(context.dir, "logs", "nats.log");
  const monitorUrl = `http://127.0.0.1:${settings.monitorPort}`;
  await context.supervisor.start({
    key: "nats",
    name: "nats",
    signal: "SIGTERM",
    graceMs: 10_000,
    readyWithinMs: 120_000,
    logFile,
    launch: () => startChild(natsCommand(binary, settings), { logFile }),
    notReadyReason: () => probeFailure(`${monitorUrl}/healthz`),
    describe: (pid) => ({ url: `nats://127.0.0.1:${settings.port}`, monitor_url: monitorUrl, pid }),
  });
}

async function startPostgres(context: StackContext, settings: PostgresSettings): Promise<void> {
  const logFile = join(context.dir, "logs", "postgres.log");
  await context.supervisor.start({
    key: "postgres",
    name: "postgres",
    // Fast shutdown: transactions under way are rolled back, nobody is waited for.
    signal: "SIGINT",
    graceMs: 20_000,
    // After a crash the server first replays its log.
    readyWithinMs: 300_000,
    logFile,
    launch: async () => startChild(await preparePostgres(settings), { logFile }),
    notReadyReason: () => queryFailure(superuserUrl(settings, "postgres")),
    describe: (pid) => ({ url: superuserUrl(settings, databaseName), pid }),
  });
}

function addresses(nats: NatsSettings, postgres: PostgresSettings, secrets: Secrets): Servers {
  const database = (role: string, password: string): string =>
    postgresUrl(postgres.port, role, password, databaseName);
  return {
    natsUrls: {
      admin: natsUrl(nats, "admin"),
      ingress: natsUrl(nats, "ingress"),
      consumer: natsUrl(nats, "consumer"),
    },
    natsMonitorUrl: `http://127.0.0.1:${nats.monitorPort}`,
    databaseUrls: {
      migrator: database("takings_migrator", secrets.postgres_migrator),
      consumer: database("takings_consumer", secrets.postgres_consumer),
      query: database("takings_query", secrets.postgres_query),
    },
    grantRoles: () => grantServiceRoles(superuserUrl(postgres, databaseName)),
  };
}
