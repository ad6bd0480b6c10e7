import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  answersQueries,
  type Child,
  createDatabaseAndRoles,
  databaseName,
  endProcess,
  freePorts,
  freezeProcess,
  grantServiceRoles,
  loadSecrets,
  nodeCommand,
  type PostgresSettings,
  postgresUrl,
  preparePostgres,
  type ProcessIdentity,
  type Secrets,
  signalProcess,
  startChild,
  startOf,
  superuserUrl,
  withClient,
} from "@takings/local";
import { testVariable } from "./test-variable.ts";
import { type ServerUrls, type Standby, startStandby } from "./standby.ts";
import { untilUp } from "./test-servers.ts";

const run = promisify(execFile);

/** A PostgreSQL server of one test's own, migrated; it keeps its address and its data when it is started again. */
export interface TestPostgres extends AsyncDisposable {
  readonly superuserUrl: string;
  readonly writerUrl: string;
  readonly readerUrl: string;
  /** Up again after `stop` or `kill`. */
  start(): Promise<void>;
  /** Ends it cleanly, with whatever is under way. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** It holds its connections but answers nothing until `resume`. */
  pause(): Promise<void>;
  resume(): void;
  /** A second server that follows this one, and for which its commits wait from then on. */
  standby(): Promise<Standby>;
}

// Thrown away afterwards, so it need not wait for the disk.
const fast = { fsync: "off", full_page_writes: "off", shared_buffers: "16MB", max_connections: "50" };

/**
 * @param parent where its data lies; the run's own directory unless the test needs another.
 * @param env further environment of the server.
 */
export async function testPostgres(
  parent = testVariable("TEST_DIR"),
  env: Readonly<Record<string, string>> = {},
): Promise<TestPostgres> {
  const launch = (server: PostgresSettings, log: string): Promise<Child> => launchServer(server, log, env);
  const dir = mkdtempSync(join(parent, "postgres-"));
  const [port = 0] = await freePorts(1);
  const secrets = loadSecrets(dir);
  const password = secrets.postgres_superuser;
  const data = join(dir, "server");
  mkdirSync(data);
  const settings: PostgresSettings = { dir: data, port, password, parameters: fast, say: () => {} };
  let child = await launch(settings, dir);
  await createDatabaseAndRoles(superuserUrl(settings, "postgres"), secrets);
  const migratorUrl = postgresUrl(port, "takings_migrator", secrets.postgres_migrator, databaseName);
  const migrate = nodeCommand(["packages/cli/src/main.ts", "migrate"], { DATABASE_URL: migratorUrl });
  await run(migrate.command, migrate.args, migrate);
  await grantServiceRoles(superuserUrl(settings, databaseName));

  async function end(signal: NodeJS.Signals): Promise<void> {
    resume();
    await endProcess({ ...child, name: "postgres", signal }, 10_000);
    await child.ended;
  }
  // Every backend is a process in a session of its own, so each has to be stopped by itself; the first one last would
  // still make new ones.
  let paused: readonly number[] = [];
  async function pause(): Promise<void> {
    const { rows } = await withClient(superuserUrl(settings, "postgres"), (client) =>
      client.query<{ pid: number }>("select pid from pg_stat_activity where pid <> pg_backend_pid()"),
    );
    paused = [child.pid, ...rows.map(({ pid }) => pid)];
    for (const one of identitiesOf(paused)) await freezeProcess(one);
  }
  function resume(): void {
    for (const one of identitiesOf(paused)) signalProcess(one, "SIGCONT");
    paused = [];
  }
  const urls = (of: number): ServerUrls => urlsOf(of, secrets);
  return {
    ...urls(port),
    standby: () => startStandby(settings, dir, { launch, urls }),
    async start() {
      if (child.hasEnded()) child = await launch(settings, dir);
    },
    stop: () => end("SIGINT"),
    kill: () => end("SIGKILL"),
    pause,
    resume,
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Those of them that still live. */
function identitiesOf(pids: readonly number[]): ProcessIdentity[] {
  return pids.flatMap((pid) => {
    const started = startOf(pid);
    return started === undefined ? [] : [{ pid, started }];
  });
}

function urlsOf(port: number, secrets: Secrets): ServerUrls {
  const urlOf = (role: string, password: string): string => postgresUrl(port, role, password, databaseName);
  return {
    superuserUrl: urlOf("postgres", secrets.postgres_superuser),
    writerUrl: urlOf("takings_consumer", secrets.postgres_consumer),
    readerUrl: urlOf("takings_query", secrets.postgres_query),
  };
}

async function launchServer(
  settings: PostgresSettings,
  dir: string,
  env: Readonly<Record<string, string>>,
): Promise<Child> {
  const prepared = await preparePostgres(settings);
  const line = [prepared.command, ...prepared.args];
  // For the server alone, and not for what starts it as another user.
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const program = line.findIndex((part) => part.endsWith("/postgres"));
  const [name = "", ...args] = line.toSpliced(program, 0, "/usr/bin/env", ...variables);
  // In the group of the test process, which the test run ends as a whole.
  const command = { ...prepared, command: name, args, sharesGroup: true };
  const child = await startChild(command, { logFile: join(dir, "postgres.log") });
  await untilUp("PostgreSQL", child, () => answersQueries(superuserUrl(settings, "postgres")));
  return child;
}
