import { readFile } from "node:fs/promises";
import { TakingsError } from "@takings/domain";
import { type ConnectionOptions, credsAuthenticator, Events, type NatsConnection } from "nats";
import { firstConnection } from "./first-connection.ts";

/** How to connect. */
export type LinkOptions = {
  /** `nats://[user:password@]host:port`, several separated by commas. */
  readonly url: string;
  /** A credentials file (JWT and seed), for servers that use accounts. */
  readonly credsFile?: string | undefined;
  /** A PEM file with the authorities that issued the certificates of the servers; requires TLS. Read at each connection. */
  readonly caFile?: string | undefined;
  /** The client's name in the server's lists, and part of its inbox prefix, to which its permissions are limited. */
  readonly name: string;
};

/** A loss or return of the connection, or the reason why there is none yet. */
export type LinkChange = {
  readonly connected: boolean;
  readonly server: string;
  readonly reason?: string;
};

/** A connection that is restored for as long as the link is open, however long NATS is away. */
export type NatsLink = {
  /** The live connection, or `undefined` while there is none. Call it each time; never keep the result. */
  readonly live: () => LiveConnection | undefined;
  /**
   * Reports each loss and return of the connection from now on, and the current one if there is one. Before the first one it
   * reports why there is none, whenever the reason changes.
   */
  watch(listener: (change: LinkChange) => void): void;
  /** Waits for a connection. @throws Error when there is none in time, with the reason where one is known. */
  connected(timeoutMs: number): Promise<LiveConnection>;
  /** Rejects when the connection is closed permanently, for example because it was refused. */
  readonly broken: Promise<never>;
  /** Flushes what is being sent and closes the link. */
  close(): Promise<void>;
};

/** One connection, for as long as it lasts. */
export type LiveConnection = {
  readonly nats: NatsConnection;
  /** The prefix of the subjects on which this client may receive responses. */
  readonly inbox: string;
  /** Aborted when this connection is lost: no response to what was sent on it can arrive any more. */
  readonly lost: AbortSignal;
};

// The client's defaults do not suit money: it gives up after ten attempts, takes minutes to detect a hung server, and
// buffers without bound meanwhile.
const reconnectWaitMs = 500;
const reconnectJitterMs = 250;
const pingIntervalMs = 5_000;
const unansweredPings = 2;
const connectTimeoutMs = 3_000;

/** Opens a link. Resolves at once, connected or not: a service must be able to report that NATS is away. */
export async function openLink(options: LinkOptions): Promise<NatsLink> {
  let live: LiveConnection | undefined;
  let loss = new AbortController();
  let first = Promise.withResolvers<LiveConnection>();
  let connection: NatsConnection | undefined;
  const closing = new AbortController();
  let absence = noServer(options.url);
  const listeners: ((change: LinkChange) => void)[] = [];
  const notify = (change: LinkChange): void => listeners.forEach((listener) => listener(change));

  const connected = (nats: NatsConnection): void => {
    loss = new AbortController();
    live = { nats, inbox: inboxOf(options), lost: loss.signal };
    absence = noServer(options.url);
    first.resolve(live);
    notify({ connected: true, server: nats.getServer() });
  };
  const disconnected = (server: string): void => {
    if (live === undefined) return;
    live = undefined;
    loss.abort();
    first = Promise.withResolvers();
    if (!closing.signal.aborted) notify({ connected: false, server });
  };
  const follow = async (nats: NatsConnection): Promise<void> => {
    for await (const status of nats.status()) {
      if (status.type === Events.Disconnect) disconnected(nats.getServer());
      if (status.type === Events.Reconnect) connected(nats);
    }
  };

  const opening = firstConnection(await readOptions(options), {
    onFailure(reason) {
      absence = noServer(options.url, reason);
      notify({ connected: false, server: withoutLogin(options.url), reason });
    },
    signal: closing.signal,
  }).then(async (nats) => {
    connection = nats;
    if (nats === undefined || closing.signal.aborted) return nats?.close();
    connected(nats);
    void follow(nats);
    const cause = await nats.closed();
    disconnected(options.url);
    if (!closing.signal.aborted) throw new Error("the connection to NATS was closed permanently", { cause });
  });
  const broken = opening.then(() => new Promise<never>(() => {}));
  // A caller that does not use it must not be ended by an unhandled rejection.
  broken.catch(() => {});

  return {
    live: () => live,
    watch(listener) {
      listeners.push(listener);
      if (live !== undefined) listener({ connected: true, server: live.nats.getServer() });
    },
    connected: (timeoutMs) => inTime(Promise.race([first.promise, broken]), timeoutMs, () => absence),
    broken,
    async close() {
      closing.abort();
      await drainAndClose(live?.nats, connection);
    },
  };
}

async function drainAndClose(
  live: NatsConnection | undefined,
  last: NatsConnection | undefined,
): Promise<void> {
  try {
    await live?.drain();
  } finally {
    // A drain that fails leaves the client reconnecting. After one that succeeds this does nothing.
    await last?.close();
  }
}

/** The live connection of a link. @throws TakingsError `unavailable` while there is none. */
export function requireConnection(link: NatsLink): LiveConnection {
  const connection = link.live();
  if (connection === undefined) throw new TakingsError("unavailable", "no connection to NATS");
  return connection;
}

function inboxOf({ name }: LinkOptions): string {
  return `_INBOX_${name}`;
}

/** The addresses of a URL list without its login. */
function withoutLogin(url: string): string {
  return url.replaceAll(/\/\/[^@,]*@/g, "//");
}

function noServer(url: string, reason?: string): Error {
  const where = `no NATS server responds at ${withoutLogin(url)}`;
  return new Error(reason === undefined ? where : `${where}: ${reason}`);
}

async function inTime<T>(awaited: Promise<T>, timeoutMs: number, failure: () => Error): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(failure()), timeoutMs);
  return Promise.race([awaited, late.promise]).finally(() => clearTimeout(timer));
}

async function readOptions(options: LinkOptions): Promise<ConnectionOptions> {
  const urls = options.url.split(",").map((text) => new URL(text.trim()));
  const [first] = urls;
  const authenticator = options.credsFile && credsAuthenticator(await readFile(options.credsFile));
  return {
    servers: urls.map((url) => url.host),
    name: `takings-${options.name}`,
    inboxPrefix: inboxOf(options),
    ...(first?.username && {
      user: decodeURIComponent(first.username),
      pass: decodeURIComponent(first.password),
    }),
    ...((first?.protocol === "tls:" || options.caFile !== undefined) && {
      tls: { ...(options.caFile !== undefined && { caFile: options.caFile }) },
    }),
    ...(authenticator && { authenticator }),
    maxReconnectAttempts: -1,
    // A password that is being rotated is refused for a while; that must not close the link permanently.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: reconnectWaitMs,
    reconnectJitter: reconnectJitterMs,
    pingInterval: pingIntervalMs,
    maxPingOut: unansweredPings,
    timeout: connectTimeoutMs,
  };
}
