import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { ClientOf } from "./client-address.ts";
import { ConfigError } from "./config.ts";
import { limitConnections } from "./connection-limit.ts";
import { refuseExpectations, requireHost } from "./refuse-by-protocol.ts";
import { refuseUnreadable } from "./refuse-unreadable.ts";

/** Limits of what one client may use; each is also the most that a slow or hostile one can cost. */
export type ServerLimits = {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** At this number each new connection takes the place of one that waits for its client. */
  readonly maxConnections: number;
  /**
   * How long a closing server still serves while clients are connected, so that a response tells them to close. A client
   * that sends requests less often may use a connection that has just been closed.
   */
  readonly drainTimeoutMs: number;
};

const checkIntervalMs = 1_000;
/** Longer than the 60 s that proxies keep idle connections, so that the proxy closes first and never gets a reset. */
const keepAliveTimeoutMs = 65_000;
const maxRequestsPerSocket = 1_000;
/**
 * A connection with an unfinished request or response is cut off after this time without a byte in either direction, such
 * as that of a client that does not read. Longer than any handler takes, and than a stream waits for its client.
 */
const inactivityTimeoutMs = 60_000;

/** Twice Node's default: the handler refuses a header that is too long for its purpose, with an explanation. */
const maxHeaderBytes = 32 * 1_024;
const idleSweepMs = 100;

/**
 * Connections that wait to be accepted; Linux allows 4,096 unless set otherwise (net.core.somaxconn). With Node's 511 a
 * burst of connections makes the system drop those of others, whose clients try again only after a second, or three.
 */
const backlog = 4_096;

/** An HTTP server that is accepting connections. */
export type HttpServer = {
  readonly port: number;
  /**
   * Stops accepting connections, waits for requests in progress, and closes connections as they become idle. Those with a
   * request that is still incomplete after the request timeout are cut off.
   */
  close(): Promise<void>;
};

/** Where a server listens, and its limits. */
export type ListenOptions = {
  readonly port: number;
  /** The one address to listen on; all of them when `undefined`. */
  readonly host?: string | undefined;
  readonly limits: ServerLimits;
  /** Identifies clients, each of which may have a share of the connections; without it there is no such limit. */
  readonly clientOf?: ClientOf;
  /** The environment variable of the port, for errors. */
  readonly variable?: string;
};

/** Resolves once the port is bound. @throws ConfigError when it cannot be. */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<HttpServer> {
  const { limits, clientOf = () => undefined } = options;
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
      // requireHost refuses it with a problem document.
      requireHostHeader: false,
    },
    requireHost(handler),
  );
  refuseExpectations(server);
  limitConnections(server, { maxConnections: limits.maxConnections, clientOf });
  server.timeout = inactivityTimeoutMs;
  server.maxRequestsPerSocket = maxRequestsPerSocket;
  const openResponses = trackResponses(server);
  refuseUnreadable(server, openResponses);
  await new Promise<void>((resolve, reject) => {
    server
      .once("error", (error) => reject(cannotListen(error, options)))
      .listen({ port: options.port, host: options.host, backlog }, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server, openResponses, limits) };
}

function cannotListen(error: NodeJS.ErrnoException, options: ListenOptions): Error {
  const { port, host, variable = "PORT" } = options;
  const where = host === undefined ? `port ${port}` : `port ${port} of ${host}`;
  const problems: ReadonlyMap<string | undefined, string> = new Map([
    ["EADDRINUSE", `${variable}: ${where} is in use by another program; stop it or set another port`],
    ["EACCES", `${variable}: this user may not listen on ${where}; use a port of 1024 or above`],
    ["EADDRNOTAVAIL", `HOST: this machine has no address ${host}`],
  ]);
  const problem = problems.get(error.code);
  return problem === undefined ? error : new ConfigError([`${problem} (${error.code})`]);
}

function trackResponses(server: Server): ReadonlySet<ServerResponse> {
  const openResponses = new Set<ServerResponse>();
  server.on("request", (_, response) => {
    openResponses.add(response);
    response.once("close", () => openResponses.delete(response));
  });
  return openResponses;
}

async function close(
  server: Server,
  openResponses: ReadonlySet<ServerResponse>,
  { requestTimeoutMs, drainTimeoutMs }: ServerLimits,
): Promise<void> {
  // This tells clients to close; without it the next request would get a reset.
  const announce = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader("connection", "close");
  };
  for (const response of openResponses) announce(response);
  server.prependListener("request", (_, response) => announce(response));
  // A request may already be in transit on an idle connection; closing it would lose the response.
  await waitForDisconnects(server, drainTimeoutMs);
  const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
  // Once closing, Node no longer checks for slow clients, and one of them would block the process forever.
  const cut = setTimeout(() => server.closeAllConnections(), requestTimeoutMs);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
  clearTimeout(cut);
}

/** Resolves as soon as no connection is open, at the latest after the given time. */
async function waitForDisconnects(server: Server, withinMs: number): Promise<void> {
  const connections = promisify(server.getConnections.bind(server));
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline && (await connections()) > 0) await delay(idleSweepMs);
}
