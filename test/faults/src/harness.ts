import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { databaseUrl, natsUrls, nodeCommand, withClient } from "@takings/local";
import { createRevenueClient, platformAccount, type RevenueClient } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import { type Broker, openBroker } from "./broker.ts";
import type { TcpProxy } from "./proxy.ts";
import type { ProcessContext, SupervisedProcess } from "./supervised-process.ts";
import { type ServerContext, type ServerOptions, type Servers, startServers } from "./servers.ts";
import {
  type Consumer,
  type Ingress,
  type Query,
  type ServiceOptions,
  startConsumer,
  startIngress,
  startQuery,
} from "./services.ts";

/** The numbers of replicas, and how the installation differs from an ordinary one. */
export type HarnessOptions = ServerOptions &
  ServiceOptions & {
    readonly ingresses?: number;
    readonly consumers?: number;
    readonly wrappers?: ProcessContext["wrappers"];
  };

/** An installation of real processes, into each of which and between which faults can be injected. */
export type Harness = {
  readonly dir: string;
  readonly servers: Servers;
  readonly ingresses: readonly Ingress[];
  readonly consumers: readonly Consumer[];
  readonly query: Query;
  readonly reader: RevenueClient;
  readonly broker: Broker;
  /** The addresses for webhooks, through the proxies. */
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

const run = promisify(execFile);
const createdWithinMs = 30_000;

/** Starts servers with tables and stream, and services. Rejects when one of them is not ready in time. */
export async function startHarness(given: ServerContext, options: HarnessOptions = {}): Promise<Harness> {
  const context = { ...given, ...(options.wrappers && { wrappers: options.wrappers }) };
  const { dir } = context;
  mkdirSync(join(dir, "logs"), { recursive: true });
  const servers = await startServers(context, options);
  const broker = await openBroker(adminUrlOf(servers), options.natsServers ?? 1);
  context.closing.defer(broker.close);
  // A server that has just joined its cluster may count as offline for a moment, and a request that arrives during an election
  // is never answered.
  await eventually("the stream", () => broker.createStream().then(() => true), createdWithinMs);
  // A batch that waits for a standby outlasts a short ack-wait, and consumers extend the ordinary one only.
  const { shortenAckWait, configureDurable } = broker;
  const createDurable = options.standby === undefined ? shortenAckWait : configureDurable;
  await eventually("the durable", () => createDurable().then(() => true), createdWithinMs);

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
    takings: commandLine(context, servers),
    sql: (text) => withClient(servers.superuserUrl, async (client) => (await client.query(text)).rows),
    services,
    proxies,
  };
}

function commandLine({ env }: ProcessContext, servers: Servers): Harness["takings"] {
  return async (...args) => {
    const command = nodeCommand(["packages/cli/src/main.ts", ...args], {
      PATH: env["PATH"],
      DATABASE_URL: databaseUrl("migrator", servers.postgresSettings),
      NATS_URL: adminUrlOf(servers),
      STREAM_REPLICAS: servers.natsCluster && String(servers.natsCluster.servers.length),
      STRIPE_ACCOUNT_ID: platformAccount,
    });
    const { stdout } = await run(command.command, command.args, command);
    return stdout;
  };
}

function adminUrlOf({ natsCluster, natsSettings }: Servers): string {
  return natsCluster?.adminUrl ?? natsUrls(natsSettings).admin;
}

function times<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}
