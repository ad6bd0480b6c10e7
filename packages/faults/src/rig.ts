import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  databaseName,
  type Env,
  freePorts,
  isOk,
  postgresUrl,
  projectRoot,
  type Reaper,
  withClient,
} from "@takings/local";
import { platformAccount } from "@takings/test/life-history";
import { createRevenueReader, type RevenueReader } from "@takings/test/revenue-reader";
import { type Broker, openBroker } from "./broker.ts";
import { type Link, openLinkTo } from "./link.ts";
import { type Part, startPart } from "./part.ts";
import { type ServerOptions, type Servers, startServers } from "./servers.ts";

/** How many of what, and how it differs from an ordinary installation. */
export type RigOptions = ServerOptions & {
  readonly ingresses?: number;
  readonly consumers?: number;
  /** Further environment of a service. */
  readonly env?: Readonly<Partial<Record<ServiceName, Env>>>;
  /** A module of `broken/` that is preloaded by a service and breaks it on purpose. */
  readonly broken?: Readonly<Partial<Record<ServiceName, string>>>;
};

type ServiceName = "ingress" | "consumer" | "revenue-query";

/** A copy of a service with every way to and from it. */
export type Ingress = {
  readonly part: Part;
  readonly clients: Link;
  readonly nats: Link;
  readonly directUrl: string;
};
export type Consumer = { readonly part: Part; readonly nats: Link; readonly postgres: Link };
export type Query = { readonly part: Part; readonly postgres: Link };

/** A whole installation of real processes, with a hand on each of them and on each of the ways between them. */
export type Rig = {
  readonly dir: string;
  readonly servers: Servers;
  readonly ingresses: readonly Ingress[];
  readonly consumers: readonly Consumer[];
  readonly query: Query;
  readonly reader: RevenueReader;
  readonly broker: Broker;
  /** The addresses to send to, through the links. */
  readonly urls: () => readonly string[];
  readonly secret: () => string;
  /** The secrets that ingress knows from now on; the first one signs. */
  rotate(secrets: readonly string[]): void;
  /** Runs `takings …`; rejects unless it exits 0. */
  takings(...args: readonly string[]): Promise<string>;
  sql(text: string): Promise<readonly Record<string, unknown>[]>;
  readonly services: readonly Part[];
  links(): readonly Link[];
  close(): Promise<void>;
};

export type RigContext = {
  readonly dir: string;
  readonly env: Env;
  readonly reaper: Reaper;
  readonly say: (line: string) => void;
};

const run = promisify(execFile);

/** Brings up servers, tables, stream and services. Rejects with what is not ready in time. */
export async function startRig(context: RigContext, options: RigOptions = {}): Promise<Rig> {
  const { dir } = context;
  mkdirSync(join(dir, "logs"), { recursive: true });
  const servers = await startServers(context, options);
  const commands = commandLine(context, servers);
  await Promise.all([commands("migrate"), commands("stream")]);
  await servers.grantRoles();
  const broker = await openBroker(adminUrl(servers));
  await broker.shortenAckWait();

  let secrets: readonly string[] = ["whsec_drill"];
  const secretsFile = join(dir, "secrets.txt");
  const rotate = (live: readonly string[]): void => {
    secrets = live;
    writeFileSync(secretsFile, secrets.join("\n"), { mode: 0o600 });
  };
  rotate(secrets);

  const start = serviceStarter(context, options);
  const ingresses = await times(options.ingresses ?? 1, (index) =>
    startIngress(start, servers, `ingress-${index}`, secretsFile),
  );
  const consumers = await times(options.consumers ?? 1, (index) =>
    startConsumer(start, servers, `consumer-${index}`),
  );
  const { query, url: queryUrl } = await startQuery(start, servers);
  const services = [...ingresses, ...consumers, query].map(({ part }) => part);
  const links = (): Link[] => [
    ...ingresses.flatMap(({ clients, nats }) => [clients, nats]),
    ...consumers.flatMap(({ nats, postgres }) => [nats, postgres]),
    query.postgres,
  ];
  await Promise.all(services.map((part) => part.ready()));
  return {
    dir,
    servers,
    ingresses,
    consumers,
    query,
    reader: createRevenueReader(queryUrl),
    broker,
    urls: () => ingresses.map(({ clients }) => `http://127.0.0.1:${clients.port}`),
    secret: () => secrets[0] ?? "",
    rotate,
    takings: commands,
    sql: (text) => withClient(servers.superuserUrl, async (client) => (await client.query(text)).rows),
    services,
    links,
    async close() {
      await broker.close();
      for (const link of links()) await link.close();
      // The services first, while what they take their leave of is still there.
      await Promise.all(services.map((part) => part.close()));
      await Promise.all([servers.nats.close(), servers.postgres.close()]);
    },
  };
}

type StartService = (name: ServiceName, label: string, ports: ServicePorts, env: Env) => Promise<Part>;
type ServicePorts = { readonly port: number; readonly adminPort: number };

function serviceStarter(context: RigContext, options: RigOptions): StartService {
  return (name, label, { port, adminPort }, env) =>
    startPart({
      name: label,
      logFile: join(context.dir, "logs", `${label}.log`),
      reaper: context.reaper,
      stopWith: "SIGTERM",
      command: () => ({
        command: process.execPath,
        args: [
          ...(options.broken?.[name] === undefined
            ? []
            : ["--import", `./packages/faults/broken/${options.broken[name]}.ts`]),
          "--import",
          "./packages/telemetry/src/register.ts",
          `services/${name}/src/main.ts`,
        ],
        cwd: projectRoot(),
        env: {
          PATH: context.env["PATH"],
          PORT: String(port),
          ADMIN_PORT: String(adminPort),
          STRIPE_ACCOUNT_ID: platformAccount,
          ...env,
          ...options.env?.[name],
        },
      }),
      isReady: () => isOk(`http://127.0.0.1:${adminPort}/readyz`),
    });
}

async function startIngress(
  start: StartService,
  servers: Servers,
  label: string,
  secretsFile: string,
): Promise<Ingress> {
  const [port = 0, adminPort = 0] = await freePorts(2);
  const [clients, nats] = [await openLinkTo(port), await openLinkTo(servers.natsPort)];
  const part = await start(
    "ingress",
    label,
    { port, adminPort },
    {
      NATS_URL: `nats://ingress:${servers.secrets.nats_ingress}@127.0.0.1:${nats.port}`,
      NATS_MONITOR_URL: servers.natsMonitorUrl,
      STRIPE_WEBHOOK_SECRETS_FILE: secretsFile,
    },
  );
  return { part, clients, nats, directUrl: `http://127.0.0.1:${port}` };
}

async function startConsumer(start: StartService, servers: Servers, label: string): Promise<Consumer> {
  const [adminPort = 0] = await freePorts(1);
  const [nats, postgres] = [await openLinkTo(servers.natsPort), await openLinkTo(servers.postgresPort)];
  const part = await start(
    "consumer",
    label,
    { port: 0, adminPort },
    {
      NATS_URL: `nats://consumer:${servers.secrets.nats_consumer}@127.0.0.1:${nats.port}`,
      DATABASE_URL: postgresUrl(
        postgres.port,
        "takings_consumer",
        servers.secrets.postgres_consumer,
        databaseName,
      ),
    },
  );
  return { part, nats, postgres };
}

async function startQuery(start: StartService, servers: Servers): Promise<{ query: Query; url: string }> {
  const [port = 0, adminPort = 0] = await freePorts(2);
  const postgres = await openLinkTo(servers.postgresPort);
  const part = await start(
    "revenue-query",
    "revenue-query",
    { port, adminPort },
    {
      DATABASE_URL: postgresUrl(postgres.port, "takings_query", servers.secrets.postgres_query, databaseName),
      ALLOW_ANONYMOUS: "true",
      RATE_LIMIT_PER_MINUTE: "0",
    },
  );
  return { query: { part, postgres }, url: `http://127.0.0.1:${port}` };
}

function commandLine({ env }: RigContext, servers: Servers): Rig["takings"] {
  const DATABASE_URL = postgresUrl(
    servers.postgresPort,
    "takings_migrator",
    servers.secrets.postgres_migrator,
    databaseName,
  );
  return async (...args) => {
    const { stdout } = await run(process.execPath, ["packages/cli/src/main.ts", ...args], {
      cwd: projectRoot(),
      env: {
        PATH: env["PATH"],
        DATABASE_URL,
        NATS_URL: adminUrl(servers),
        STRIPE_ACCOUNT_ID: platformAccount,
      },
    });
    return stdout;
  };
}

function adminUrl({ natsPort, secrets }: Servers): string {
  return `nats://admin:${secrets.nats_admin}@127.0.0.1:${natsPort}`;
}

function times<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}
