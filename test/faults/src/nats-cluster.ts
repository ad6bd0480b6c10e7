import { join } from "node:path";
import { freePorts, natsMonitorUrl, natsProcess, type NatsSettings, natsUrls } from "@takings/local";
import type { Direction } from "./forward.ts";
import { untilClusterIsFormed } from "./nats-meta-group.ts";
import { openTcpProxy, type TcpProxy } from "./proxy.ts";
import { type ProcessContext, type SupervisedProcess, startSupervisedProcess } from "./supervised-process.ts";

/** One server of the cluster, with the proxy through which clients reach it. */
export type NatsServer = {
  readonly name: string;
  /** Where it stores streams. */
  readonly storeDir: string;
  readonly monitorUrl: string;
  readonly process: SupervisedProcess;
  readonly clients: TcpProxy;
};

/** What is dropped between a server and everything else: what it sends, or what it would receive. */
export type Isolation = "sent" | "received";

/** Three servers of one cluster. Services and the routes between servers use proxies. */
export type NatsCluster = {
  readonly servers: readonly NatsServer[];
  /** The URL list of each user, through the proxies. */
  readonly urls: ReturnType<typeof natsUrls>;
  /** The administrator's URL list, past the proxies. */
  readonly adminUrl: string;
  /** The value of NATS_MONITOR_URL. */
  readonly monitorUrls: string;
  /** The server with this name. @throws Error when there is none. */
  server(name: string): NatsServer;
  /** Separates a server from the other servers and from clients, until `heal`. */
  isolate(name: string, ...what: readonly Isolation[]): void;
  /** Separates a server from the other servers only, until `heal`. */
  isolateFromServers(name: string, ...what: readonly Isolation[]): void;
  heal(): void;
};

/** A proxy for connections that one server opens to another. */
type Route = { readonly from: string; readonly to: string; readonly proxy: TcpProxy };

const names = ["nats-0", "nats-1", "nats-2"] as const;

/** How the servers are started. */
export type NatsClusterOptions = {
  readonly binary: string;
  /** The settings that all servers share; ports and directories below `dir` are assigned here. */
  readonly settings: NatsSettings;
  /** The first server's directory; it may be the root of a file system. */
  readonly firstDir?: string | undefined;
};

/** Starts three servers. Resolves once they are one cluster. */
export async function startNatsCluster(
  context: ProcessContext,
  { binary, settings, firstDir }: NatsClusterOptions,
): Promise<NatsCluster> {
  const ports = await freePorts(3 * names.length);
  const nodes = names.map((name, index) => {
    const [port = 0, monitorPort = 0, routePort = 0] = ports.slice(3 * index);
    const dir = (index === 0 ? firstDir : undefined) ?? join(settings.dir, name);
    return { name, port, monitorPort, routePort, dir };
  });
  const proxyOf = async (port: number): Promise<TcpProxy> => {
    const proxy = await openTcpProxy(port);
    context.closing.defer(proxy.close);
    return proxy;
  };
  const pairs = nodes.flatMap((from) => nodes.filter((to) => to !== from).map((to) => ({ from, to })));
  const routes: readonly Route[] = await Promise.all(
    pairs.map(async ({ from, to }) => ({
      from: from.name,
      to: to.name,
      proxy: await proxyOf(to.routePort),
    })),
  );
  const servers = await Promise.all(
    nodes.map(async ({ name, port, monitorPort, routePort, dir }): Promise<NatsServer> => {
      const clients = await proxyOf(port);
      const remotes = routes.filter(({ from }) => from === name).map(({ proxy }) => proxy.port);
      const rewrite = (config: string): string => {
        const own = clusterConfig(config, { name, routePort, clientPort: clients.port, remotes });
        return settings.rewrite?.(own) ?? own;
      };
      const own: NatsSettings = { ...settings, dir, port, monitorPort, rewrite };
      const logFile = join(context.dir, "logs", `${name}.log`);
      const definition = { ...natsProcess(binary, own, logFile), name };
      return {
        name,
        storeDir: join(dir, "store"),
        monitorUrl: natsMonitorUrl(own),
        clients,
        process: await startSupervisedProcess(context, definition),
      };
    }),
  );
  await untilClusterIsFormed(servers.map(({ monitorUrl }) => monitorUrl));
  return {
    servers,
    ...addresses(settings, nodes, servers),
    server: (name) => serverNamed(servers, name),
    isolate(name, ...what) {
      silenceRoutes(routes, name, what);
      serverNamed(servers, name).clients.silence(...what.map((one) => towards(one, "received")));
    },
    isolateFromServers: (name, ...what) => silenceRoutes(routes, name, what),
    heal() {
      for (const proxy of [...routes, ...servers].map((one) => ("proxy" in one ? one.proxy : one.clients)))
        proxy.heal();
    },
  };
}

type Node = { readonly port: number };

function addresses(
  { passwords }: NatsSettings,
  nodes: readonly Node[],
  servers: readonly NatsServer[],
): Pick<NatsCluster, "urls" | "adminUrl" | "monitorUrls"> {
  const lists = servers.map(({ clients }) => natsUrls({ port: clients.port, passwords }));
  const listOf = (user: keyof NatsCluster["urls"]): string => lists.map((urls) => urls[user]).join(",");
  return {
    urls: {
      admin: listOf("admin"),
      ingress: listOf("ingress"),
      consumer: listOf("consumer"),
      purger: listOf("purger"),
      reconcile: listOf("reconcile"),
    },
    adminUrl: nodes.map(({ port }) => natsUrls({ port, passwords }).admin).join(","),
    monitorUrls: servers.map(({ monitorUrl }) => monitorUrl).join(","),
  };
}

function serverNamed(servers: readonly NatsServer[], name: string): NatsServer {
  const found = servers.find((server) => server.name === name);
  if (found === undefined) throw new Error(`no server ${name} in the cluster`);
  return found;
}

/** Either server of a pair may have opened the connection between them. */
function silenceRoutes(routes: readonly Route[], name: string, what: readonly Isolation[]): void {
  for (const { from, to, proxy } of routes) {
    if (from === name) proxy.silence(...what.map((one) => towards(one, "sent")));
    if (to === name) proxy.silence(...what.map((one) => towards(one, "received")));
  }
}

/** The direction of a connection, where bytes that go up are those that the isolated server sent or received. */
function towards(dropped: Isolation, up: Isolation): Direction {
  return dropped === up ? "up" : "down";
}

type ClusterMember = {
  readonly name: string;
  readonly routePort: number;
  readonly clientPort: number;
  readonly remotes: readonly number[];
};

/**
 * Clients are told the address of the proxy, and servers are told an address at which nothing listens: they would otherwise
 * connect to each other past the proxies.
 */
function clusterConfig(config: string, { name, routePort, clientPort, remotes }: ClusterMember): string {
  const routes = remotes.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  return `${config.replace('"takings-local"', `"${name}"`)}
client_advertise: "127.0.0.1:${clientPort}"
lame_duck_grace_period: "1s"
lame_duck_duration: "30s"
cluster {
  name: "takings"
  listen: "127.0.0.1:${routePort}"
  advertise: "127.0.0.1:1"
  routes: [${routes}]
}
`;
}
