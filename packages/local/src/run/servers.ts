import { join } from "node:path";
import { loadSecrets } from "../directory/secrets.ts";
import { natsMonitorUrl, natsPasswords, type NatsSettings, natsUrls } from "../nats/config.ts";
import { findNatsServer } from "../nats/find-nats-server.ts";
import { natsProcess } from "../nats/server.ts";
import { freePorts } from "../network/ports.ts";
import type { PostgresSettings } from "../postgres/cluster.ts";
import { createDatabaseAndRoles } from "../postgres/roles.ts";
import { postgresProcess } from "../postgres/server.ts";
import { databaseUrls } from "../postgres/urls.ts";
import type { ServerAddresses } from "./server-addresses.ts";
import type { StackContext } from "./stack-context.ts";

/** The running servers of a stack, with what opens its database. */
export interface Servers extends ServerAddresses {
  readonly postgres: PostgresSettings;
}

/** Starts NATS and PostgreSQL, with the database and its login roles. */
export async function startServers(context: StackContext): Promise<Servers> {
  const { dir, env, say, signal } = context;
  const secrets = loadSecrets(dir);
  const [natsPort = 0, monitorPort = 0, port = 0] = await freePorts(3);
  const nats: NatsSettings = {
    dir: join(dir, "nats"),
    port: natsPort,
    monitorPort,
    passwords: natsPasswords(secrets),
  };
  const postgres: PostgresSettings = { dir: join(dir, "postgres"), port, secrets, signal, say };
  const addresses: ServerAddresses = {
    natsUrls: natsUrls(nats),
    natsMonitorUrl: natsMonitorUrl(nats),
    databaseUrls: databaseUrls(postgres),
  };
  const binary = await findNatsServer({ env, say, signal });
  await context.start("nats", natsProcess(binary, nats, join(dir, "logs", "nats.log")), {
    url: `nats://127.0.0.1:${natsPort}`,
    monitor_url: addresses.natsMonitorUrl,
  });
  await context.start("postgres", postgresProcess(postgres, join(dir, "logs", "postgres.log")), {
    url: addresses.databaseUrls.superuser,
  });
  await createDatabaseAndRoles(postgres);
  return { ...addresses, postgres };
}
