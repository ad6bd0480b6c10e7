import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  answersQueries,
  type Child,
  createDatabaseAndRoles,
  type Env,
  endProcess,
  findNatsServer,
  freePorts,
  isOk,
  loadSecrets,
  natsCommand,
  type NatsSettings,
  natsUrl,
  type PostgresSettings,
  preparePostgres,
  projectRoot,
  type Reaper,
  type Secrets,
  startChild,
  superuserUrl,
} from "@takings/local";

/** The servers of one test run. */
export interface TestServers {
  /** What tells the tests about them, as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly postgres: PostgresSettings;
  readonly secrets: Secrets;
  stop(): Promise<void>;
}

// The data is thrown away after the run, so PostgreSQL need not wait for the disk. The broker does: that it
// acknowledges only what is safe is among the things under test.
const fastPostgres = { fsync: "off", full_page_writes: "off", max_connections: "200" };

/** Starts one PostgreSQL and one nats-server below `dir`. */
export async function startTestServers(dir: string, env: Env, reaper: Reaper): Promise<TestServers> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const secrets = loadSecrets(dir);
  const [natsPort = 0, monitorPort = 0, port = 0] = await freePorts(3);
  const binary = await findNatsServer({
    env,
    cacheDir: join(projectRoot(), "node_modules/.cache/takings"),
    say,
  });
  const postgres: PostgresSettings = {
    dir: join(dir, "postgres"),
    port,
    password: secrets.postgres_superuser,
    parameters: fastPostgres,
    say: () => undefined,
  };
  const passwords = {
    admin: secrets.nats_admin,
    ingress: secrets.nats_ingress,
    consumer: secrets.nats_consumer,
    purger: secrets.nats_purger,
    reconcile: secrets.nats_reconcile,
  };
  const nats: NatsSettings = { dir: join(dir, "nats"), port: natsPort, monitorPort, passwords };
  const natsProcess = await startNats(binary, nats, reaper);
  const postgresProcess = await startPostgres(postgres, dir, reaper);
  await createDatabaseAndRoles(superuserUrl(postgres, "postgres"), secrets);
  return {
    env: serverVariables(dir, binary, postgres, nats, secrets),
    postgres,
    secrets,
    async stop() {
      await endProcess({ ...natsProcess, name: "nats", signal: "SIGKILL" }, 1_000);
      await endProcess({ ...postgresProcess, name: "postgres", signal: "SIGQUIT" }, 5_000);
    },
  };
}

async function startNats(binary: string, settings: NatsSettings, reaper: Reaper): Promise<Child> {
  mkdirSync(settings.dir, { recursive: true });
  const child = await startChild(natsCommand(binary, settings), { logFile: join(settings.dir, "nats.log") });
  reaper.watch({ ...child, name: "nats", signal: "SIGKILL" });
  await untilUp("nats-server", child, () => isOk(`http://127.0.0.1:${settings.monitorPort}/healthz`));
  return child;
}

async function startPostgres(settings: PostgresSettings, dir: string, reaper: Reaper): Promise<Child> {
  const child = await startChild(await preparePostgres(settings), { logFile: join(dir, "postgres.log") });
  reaper.watch({ ...child, name: "postgres", signal: "SIGQUIT" });
  await untilUp("PostgreSQL", child, () => answersQueries(superuserUrl(settings, "postgres")));
  return child;
}

/** Waits until a server answers; rejects when it ends instead. */
export async function untilUp(name: string, child: Child, isUp: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await isUp())) {
    if (child.hasEnded()) throw new Error(`${name} ended (${await child.ended}) before it was up.`);
    if (Date.now() > deadline) throw new Error(`${name} was not up within 60 s.`);
    await delay(20);
  }
}

function serverVariables(
  dir: string,
  binary: string,
  postgres: PostgresSettings,
  nats: NatsSettings,
  secrets: Secrets,
): Record<string, string> {
  return {
    TEST_DIR: dir,
    TEST_SECRETS: JSON.stringify(secrets),
    TEST_POSTGRES_URL: superuserUrl(postgres, "postgres"),
    TEST_NATS_SERVER: binary,
    TEST_NATS_URL: `nats://127.0.0.1:${nats.port}`,
    TEST_NATS_ADMIN_URL: natsUrl(nats, "admin"),
    TEST_NATS_INGRESS_URL: natsUrl(nats, "ingress"),
    TEST_NATS_CONSUMER_URL: natsUrl(nats, "consumer"),
    TEST_NATS_MONITOR_URL: `http://127.0.0.1:${nats.monitorPort}`,
  };
}
