import { join } from "node:path";
import {
  databaseUrls,
  type Env,
  freePorts,
  natsMonitorUrl,
  natsUrls,
  nodeCommand,
  serviceArguments,
  type ServiceName,
  serviceProcess,
} from "@takings/local";
import { platformAccount } from "@takings/simulator";
import { type TcpProxy, openTcpProxy } from "./proxy.ts";
import type { Servers } from "./servers.ts";
import { type ProcessContext, type SupervisedProcess, startSupervisedProcess } from "./supervised-process.ts";

/** How services differ from those of an ordinary installation. */
export type ServiceOptions = {
  /** Further environment of a service. */
  readonly env?: Readonly<Partial<Record<ServiceName, Env>>>;
  /** What the consumers' DATABASE_URL says in its `options`. */
  readonly databaseOptions?: string;
  /** A module of `broken/`: the service preloads it, and it breaks the service. */
  readonly broken?: Readonly<Partial<Record<ServiceName, string>>>;
};

/** A process of a service, with the address of its probes and metrics. */
type Service = { readonly process: SupervisedProcess; readonly adminUrl: string };

/** One replica of a service, with the proxies of its connections. */
export type Ingress = Service & {
  readonly clients: TcpProxy;
  readonly nats: TcpProxy;
  /** Bypasses the proxy. */
  readonly directUrl: string;
};
export type Consumer = Service & {
  readonly nats: TcpProxy;
  readonly postgres: TcpProxy;
};
export type Query = Service & {
  readonly postgres: TcpProxy;
  readonly url: string;
};

export type ServiceContext = ProcessContext & {
  readonly servers: Servers;
  readonly options: ServiceOptions;
};

/** Starts a service as its image does, with nothing of this process's environment. */
async function start(
  context: ServiceContext,
  name: ServiceName,
  label: string,
  ports: { readonly port?: number; readonly adminPort: number },
  own: Env,
): Promise<Service> {
  const { dir, env, options } = context;
  const broken = options.broken?.[name];
  const preload = broken === undefined ? [] : ["--import", `./test/faults/broken/${broken}.ts`];
  const command = nodeCommand([...preload, ...serviceArguments(name)], {
    PATH: env["PATH"],
    HOST: "127.0.0.1",
    PORT: String(ports.port ?? 0),
    ADMIN_PORT: String(ports.adminPort),
    STRIPE_ACCOUNT_ID: platformAccount,
    ...own,
    ...options.env?.[name],
  });
  const logFile = join(dir, "logs", `${label}.log`);
  const adminUrl = `http://127.0.0.1:${ports.adminPort}`;
  const definition = serviceProcess({ name: label, logFile, adminUrl, command: () => command });
  return { process: await startSupervisedProcess(context, definition), adminUrl };
}

/** An ingress that reads its signing secrets from a file. */
export async function startIngress(
  context: ServiceContext,
  label: string,
  secretsFile: string,
): Promise<Ingress> {
  const { natsSettings, natsCluster } = context.servers;
  const [port = 0, adminPort = 0] = await freePorts(2);
  const [clients, nats] = await openTcpProxies(context, port, natsSettings.port);
  const env = {
    NATS_URL: natsCluster?.urls.ingress ?? natsUrls({ ...natsSettings, port: nats.port }).ingress,
    NATS_MONITOR_URL: natsCluster?.monitorUrls ?? natsMonitorUrl(natsSettings),
    STRIPE_WEBHOOK_SECRETS_FILE: secretsFile,
  };
  const service = await start(context, "ingress", label, { port, adminPort }, env);
  return { ...service, clients, nats, directUrl: `http://127.0.0.1:${port}` };
}

export async function startConsumer(context: ServiceContext, label: string): Promise<Consumer> {
  const { natsSettings, natsCluster, postgresSettings } = context.servers;
  const [adminPort = 0] = await freePorts(1);
  const [nats, postgres] = await openTcpProxies(context, natsSettings.port, postgresSettings.port);
  const { databaseOptions } = context.options;
  const query = databaseOptions === undefined ? "" : `?options=${encodeURIComponent(databaseOptions)}`;
  const env = {
    NATS_URL: natsCluster?.urls.consumer ?? natsUrls({ ...natsSettings, port: nats.port }).consumer,
    DATABASE_URL: `${databaseUrls({ ...postgresSettings, port: postgres.port }).consumer}${query}`,
  };
  const service = await start(context, "consumer", label, { adminPort }, env);
  return { ...service, nats, postgres };
}

export async function startQuery(context: ServiceContext): Promise<Query> {
  const { postgresSettings } = context.servers;
  const [port = 0, adminPort = 0] = await freePorts(2);
  const [postgres] = await openTcpProxies(context, postgresSettings.port);
  const env = {
    DATABASE_URL: databaseUrls({ ...postgresSettings, port: postgres.port }).query,
    ALLOW_ANONYMOUS: "true",
    RATE_LIMIT_PER_MINUTE: "0",
  };
  const service = await start(context, "revenue-query", "revenue-query", { port, adminPort }, env);
  return { ...service, postgres, url: `http://127.0.0.1:${port}` };
}

async function openTcpProxies<Ports extends readonly number[]>(
  { closing }: ServiceContext,
  ...ports: Ports
): Promise<{ [Index in keyof Ports]: TcpProxy }> {
  const proxies = await Promise.all(ports.map((port) => openTcpProxy(port)));
  for (const proxy of proxies) closing.defer(proxy.close);
  return proxies as { [Index in keyof Ports]: TcpProxy };
}
