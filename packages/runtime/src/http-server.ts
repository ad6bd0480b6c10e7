import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { ConfigError } from "./config.ts";
import { refuseExpectations, requireHost } from "./refuse-by-protocol.ts";
import { refuseUnreadable } from "./refuse-unreadable.ts";

/** Bounds on what one client may hold; each is also the worst case a slow or hostile one can cost. */
export type ServerLimits = {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /**
   * How long a closing server still serves while anybody is connected, so that clients learn from an answer that they
   * must go. Whoever asks less often than that may meet a connection that has just been closed.
   */
  readonly drainTimeoutMs: number;
};

const checkIntervalMs = 1_000;
/** Longer than the 60 s that proxies keep idle connections, so that the proxy closes first and never meets a reset. */
const keepAliveTimeoutMs = 65_000;
const maxRequestsPerSocket = 1_000;

/** Twice Node's own: a header too long for its purpose is the handler's to refuse, in words. */
const maxHeaderBytes = 32 * 1_024;
const idleSweepMs = 100;

/** An HTTP server that is accepting connections. */
export type HttpServer = {
  readonly port: number;
  /**
   * Stops accepting, lets requests in progress end, and closes connections as they fall idle; those on which no
   * request has come whole within the time allowed for one are cut.
   */
  close(): Promise<void>;
};

/** Where a server listens, and within which bounds. */
export type ListenOptions = {
  readonly port: number;
  /** The address of one interface; all of them when there is none. */
  readonly host?: string | undefined;
  readonly limits: ServerLimits;
  /** The variable that the port comes from, to be named where it cannot be had. */
  readonly variable?: string;
};

/** Resolves once the port is bound. @throws ConfigError when the address cannot be had. */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<HttpServer> {
  const { limits } = options;
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
      // Refused here, with a problem document.
      requireHostHeader: false,
    },
    requireHost(handler),
  );
  refuseExpectations(server);
  server.maxConnections = limits.maxConnections;
  server.maxRequestsPerSocket = maxRequestsPerSocket;
  const openResponses = trackResponses(server);
  refuseUnreadable(server, openResponses);
  await new Promise<void>((resolve, reject) => {
    server
      .once("error", (error) => reject(cannotListen(error, options)))
      .listen({ port: options.port, host: options.host }, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server, openResponses, limits) };
}

function cannotListen(error: NodeJS.ErrnoException, options: ListenOptions): Error {
  const { port, host, variable = "PORT" } = options;
  const where = host === undefined ? `port ${port}` : `port ${port} of ${host}`;
  const problems: ReadonlyMap<string | undefined, string> = new Map([
    ["EADDRINUSE", `${variable}: another program listens on ${where}: end it, or set another port`],
    ["EACCES", `${variable}: this user may not listen on ${where}: take one from 1024 on`],
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
  // A client that is told so closes by itself; one that is not would send its next request into a reset.
  const announce = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader("connection", "close");
  };
  for (const response of openResponses) announce(response);
  server.prependListener("request", (_, response) => announce(response));
  // Connections that are idle at this moment may carry a request already; closing them would lose its answer.
  await waitForDisconnects(server, drainTimeoutMs);
  const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs);
  // Node stops watching for slow clients once it is closing, and one of them would hold the process for ever.
  const cut = setTimeout(() => server.closeAllConnections(), requestTimeoutMs);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearInterval(sweep);
  clearTimeout(cut);
}

/** Resolves as soon as no connection is open, at the latest after a time. */
async function waitForDisconnects(server: Server, withinMs: number): Promise<void> {
  const connections = promisify(server.getConnections.bind(server));
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline && (await connections()) > 0) await delay(idleSweepMs);
}
