import {
  databaseName,
  type Env,
  freePorts,
  isOk,
  nodeCommand,
  postgresUrl,
  type Reaper,
  serviceArguments,
} from "@takings/local";
import { join } from "node:path";
import { platformAccount } from "@takings/simulator";
import { type TcpProxy, openTcpProxy } from "./proxy.ts";
import { type SupervisedProcess, startSupervisedProcess } from "./supervised-process.ts";
import type { Servers } from "./servers.ts";

/** The services by the names of their folders. */
type ServiceName = "ingress" | "consumer" | "revenue-query";

/** How services differ from ordinary ones. */
export type ServiceOptions = {
  /** Further environment of a service. */
  readonly env?: Readonly<Partial<Record<ServiceName, Env>>>;
  /** What the consumers' DATABASE_URL says in its `options`. */
  readonly databaseOptions?: string;
  /** A module of `broken/` that is preloaded by a service and breaks it on purpose. */
  readonly broken?: Readonly<Partial<Record<ServiceName, string>>>;
};

/** A copy of a service with every way to and from it. */
export type Ingress = {
  readonly process: SupervisedProcess;
  readonly clients: TcpProxy;
  readonly nats: TcpProxy;
  /** Past the proxy. */
  readonly directUrl: string;
};
export type Consumer = {
  readonly process: SupervisedProcess;
  readonly nats: TcpProxy;
  readonly postgres: TcpProxy;
};
export type Query = {
  readonly process: SupervisedProcess;
  readonly postgres: TcpProxy;
  readonly url: string;
};

export type ServiceContext = {
  readonly dir: string;
  readonly env: Env;
  readonly reaper: Reaper;
  readonly closing: AsyncDisposableStack;
  readonly servers: Servers;
  readonly options: ServiceOptions;
};

type Ports = { readonly port: number; readonly adminPort: number };

/** Starts a service as its image does, with nothing of our own environment. */
function start(
  { dir, env, reaper, closing, options }: ServiceContext,
  name: ServiceName,
  label: string,
  { port, adminPort }: Ports,
  own: Env,
): Promise<SupervisedProcess> {
  const broken = options.broken?.[name];
  return startSupervisedProcess({
    name: label,
    logFile: join(dir, "logs", `${label}.log`),
    reaper,
    closing,
    endWith: "SIGKILL",
    command: () =>
      nodeCommand(
        [
          ...(broken === undefined ? [] : ["--import", `./test/faults/broken/${broken}.ts`]),
          ...serviceArguments,
          `services/${name}/src/main.ts`,
        ],
        {
          PATH: env["PATH"],
          HOST: "127.0.0.1",
          PORT: String(port),
          ADMIN_PORT: String(adminPort),
          STRIPE_ACCOUNT_ID: platformAccount,
          ...own,
          ...options.env?.[name],
        },
      ),
    isReady: () => isOk(`http://127.0.0.1:${adminPort}/readyz`),
  });
}

/** An ingress that takes its signing secrets from a file. */
export async function startIngress(
  context: ServiceContext,
  label: string,
  secretsFile: string,
): Promise<Ingress> {
  const { secrets, natsPort, natsMonitorUrl } = context.servers;
  const [port = 0, adminPort = 0] = await freePorts(2);
  const [clients, nats] = await openTcpProxies(context, port, natsPort);
  const env = {
    NATS_URL: `nats://ingress:${secrets.nats_ingress}@127.0.0.1:${nats.port}`,
    NATS_MONITOR_URL: natsMonitorUrl,
    STRIPE_WEBHOOK_SECRETS_FILE: secretsFile,
  };
  const process = await start(context, "ingress", label, { port, adminPort }, env);
  return { process, clients, nats, directUrl: `http://127.0.0.1:${port}` };
}

export async function startConsumer(context: ServiceContext, label: string): Promise<Consumer> {
  const { secrets, natsPort, postgresPort } = context.servers;
  const [adminPort = 0] = await freePorts(1);
  const [nats, postgres] = await openTcpProxies(context, natsPort, postgresPort);
  const { databaseOptions } = context.options;
  const query = databaseOptions === undefined ? "" : `?options=${encodeURIComponent(databaseOptions)}`;
  const env = {
    NATS_URL: `nats://consumer:${secrets.nats_consumer}@127.0.0.1:${nats.port}`,
    DATABASE_URL: `${postgresUrl(postgres.port, "takings_consumer", secrets.postgres_consumer, databaseName)}${query}`,
  };
  const process = await start(context, "consumer", label, { port: 0, adminPort }, env);
  return { process, nats, postgres };
}

export async function startQuery(context: ServiceContext): Promise<Query> {
  const { secrets, postgresPort } = context.servers;
  const [port = 0, adminPort = 0] = await freePorts(2);
  const [postgres] = await openTcpProxies(context, postgresPort);
  const env = {
    DATABASE_URL: postgresUrl(postgres.port, "takings_query", secrets.postgres_query, databaseName),
    ALLOW_ANONYMOUS: "true",
    RATE_LIMIT_PER_MINUTE: "0",
  };
  const process = await start(context, "revenue-query", "revenue-query", { port, adminPort }, env);
  return { process, postgres, url: `http://127.0.0.1:${port}` };
}

async function openTcpProxies<Ports extends readonly number[]>(
  { closing }: ServiceContext,
  ...ports: Ports
): Promise<{ [Index in keyof Ports]: TcpProxy }> {
  const proxies = await Promise.all(ports.map((port) => openTcpProxy(port)));
  for (const proxy of proxies) closing.defer(proxy.close);
  return proxies as { [Index in keyof Ports]: TcpProxy };
}
