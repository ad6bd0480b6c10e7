import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { databaseName, type Env, nodeCommand, postgresUrl, type Reaper, withClient } from "@takings/local";
import { createRevenueClient, platformAccount, type RevenueClient } from "@takings/simulator";
import { type Broker, openBroker } from "./broker.ts";
import type { TcpProxy } from "./proxy.ts";
import type { SupervisedProcess } from "./supervised-process.ts";
import { type ServerOptions, type Servers, startServers } from "./servers.ts";
import {
  type Consumer,
  type Ingress,
  type Query,
  type ServiceOptions,
  startConsumer,
  startIngress,
  startQuery,
} from "./services.ts";

/** How many of what, and how it differs from an ordinary installation. */
export type HarnessOptions = ServerOptions &
  ServiceOptions & {
    readonly ingresses?: number;
    readonly consumers?: number;
  };

/** A whole installation of real processes, with a hand on each of them and on each of the ways between them. */
export type Harness = {
  readonly dir: string;
  readonly servers: Servers;
  readonly ingresses: readonly Ingress[];
  readonly consumers: readonly Consumer[];
  readonly query: Query;
  readonly reader: RevenueClient;
  readonly broker: Broker;
  /** The addresses to send to, through the proxies. */
  readonly urls: () => readonly string[];
  readonly secret: () => string;
  /** The secrets that ingress knows from now on; the first one signs. */
  rotate(secrets: readonly string[]): void;
  /** Runs `takings …`; rejects unless it exits 0. */
  takings(...args: readonly string[]): Promise<string>;
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  readonly services: readonly SupervisedProcess[];
  proxies(): readonly TcpProxy[];
};

export type HarnessContext = {
  readonly dir: string;
  readonly env: Env;
  readonly reaper: Reaper;
  /** What ends everything that was started, also where the start did not come to its end. */
  readonly closing: AsyncDisposableStack;
};

const run = promisify(execFile);

/** Brings up servers, tables, stream and services. Rejects with what is not ready in time. */
export async function startHarness(context: HarnessContext, options: HarnessOptions = {}): Promise<Harness> {
  const { dir } = context;
  mkdirSync(join(dir, "logs"), { recursive: true });
  const servers = await startServers(context, options);
  const commands = commandLine(context, servers);
  await Promise.all([commands("migrate"), commands("stream")]);
  await servers.grantRoles();
  const broker = await openBroker(adminUrl(servers));
  context.closing.defer(broker.close);
  await broker.shortenAckWait();

  let secrets: readonly string[] = ["whsec_faults"];
  const secretsFile = join(dir, "secrets.txt");
  const rotate = (live: readonly string[]): void => {
    secrets = live;
    writeFileSync(secretsFile, secrets.join("\n"), { mode: 0o600 });
  };
  rotate(secrets);

  const serviceContext = { ...context, servers, options };
  const ingresses = await times(options.ingresses ?? 1, (index) =>
    startIngress(serviceContext, `ingress-${index}`, secretsFile),
  );
  const consumers = await times(options.consumers ?? 1, (index) =>
    startConsumer(serviceContext, `consumer-${index}`),
  );
  const query = await startQuery(serviceContext);
  const services = [...ingresses, ...consumers, query].map(({ process }) => process);
  const proxies = (): TcpProxy[] => [
    ...ingresses.flatMap(({ clients, nats }) => [clients, nats]),
    ...consumers.flatMap(({ nats, postgres }) => [nats, postgres]),
    query.postgres,
  ];
  await Promise.all(services.map((process) => process.ready()));
  return {
    dir,
    servers,
    ingresses,
    consumers,
    query,
    reader: createRevenueClient(query.url),
    broker,
    urls: () => ingresses.map(({ clients }) => `http://127.0.0.1:${clients.port}`),
    secret: () => secrets[0] ?? "",
    rotate,
    takings: commands,
    sql: (text) => withClient(servers.superuserUrl, async (client) => (await client.query(text)).rows),
    services,
    proxies,
  };
}

function commandLine({ env }: HarnessContext, servers: Servers): Harness["takings"] {
  const DATABASE_URL = postgresUrl(
    servers.postgresPort,
    "takings_migrator",
    servers.secrets.postgres_migrator,
    databaseName,
  );
  return async (...args) => {
    const command = nodeCommand(["packages/cli/src/main.ts", ...args], {
      PATH: env["PATH"],
      DATABASE_URL,
      NATS_URL: adminUrl(servers),
      STRIPE_ACCOUNT_ID: platformAccount,
    });
    const { stdout } = await run(command.command, command.args, command);
    return stdout;
  };
}

function adminUrl({ natsPort, secrets }: Servers): string {
  return `nats://admin:${secrets.nats_admin}@127.0.0.1:${natsPort}`;
}

function times<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}
