import { readFile } from "node:fs/promises";
import { TakingsError } from "@takings/domain";
import { connect, credsAuthenticator, Events, type NatsConnection } from "nats";

/** How to connect. */
export type LinkOptions = {
  /** `nats://[user:password@]host:port`, several separated by commas. */
  readonly url: string;
  /** A credentials file (JWT and seed), for servers that use accounts. */
  readonly credsFile?: string | undefined;
  /** The client's name in the server's lists, and part of its inbox prefix, to which its permissions are limited. */
  readonly name: string;
};

/** A loss or return of the connection. */
export type LinkChange = { readonly connected: boolean; readonly server: string };

/** A connection that is restored for as long as the link is open, however long NATS is away. */
export type NatsLink = {
  /** The live connection, or `undefined` while there is none. Call it each time; never keep the result. */
  readonly live: () => LiveConnection | undefined;
  /** Reports each loss and return of the connection from now on, and the current one if there is one. */
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
  let lose = (): void => {};
  let first = Promise.withResolvers<LiveConnection>();
  let connection: NatsConnection | undefined;
  let closing = false;
  const listeners: ((change: LinkChange) => void)[] = [];
  const notify = (change: LinkChange): void => {
    for (const listener of listeners) listener(change);
  };

  const connected = (nats: NatsConnection): void => {
    const loss = new AbortController();
    live = { nats, inbox: inboxOf(options), lost: loss.signal };
    lose = () => loss.abort();
    first.resolve(live);
    notify({ connected: true, server: nats.getServer() });
  };
  const disconnected = (server: string): void => {
    if (live === undefined) return;
    live = undefined;
    lose();
    first = Promise.withResolvers();
    if (!closing) notify({ connected: false, server });
  };
  const follow = async (nats: NatsConnection): Promise<void> => {
    for await (const status of nats.status()) {
      if (status.type === Events.Disconnect) disconnected(nats.getServer());
      if (status.type === Events.Reconnect) connected(nats);
    }
  };

  const clientOptions = await readOptions(options);
  const opening = connect(clientOptions).then(async (nats) => {
    connection = nats;
    if (closing) return nats.close();
    connected(nats);
    void follow(nats);
    const error = await nats.closed();
    disconnected(options.url);
    if (!closing) throw new Error("the connection to NATS was closed permanently", { cause: error });
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
    connected: (timeoutMs) => inTime(Promise.race([first.promise, broken]), timeoutMs, options.url),
    broken,
    async close() {
      closing = true;
      try {
        await live?.nats.drain();
      } finally {
        // A drain that fails leaves the client reconnecting. After one that succeeds this does nothing.
        await connection?.close();
      }
    },
  };
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

async function inTime<T>(awaited: Promise<T>, timeoutMs: number, url: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const where = url.replace(/\/\/[^@]*@/, "//");
  const timer = setTimeout(() => late.reject(new Error(`no NATS server responds at ${where}`)), timeoutMs);
  return Promise.race([awaited, late.promise]).finally(() => clearTimeout(timer));
}

async function readOptions(options: LinkOptions): Promise<Parameters<typeof connect>[0]> {
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
    ...(first?.protocol === "tls:" && { tls: {} }),
    ...(authenticator && { authenticator }),
    waitOnFirstConnect: true,
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
