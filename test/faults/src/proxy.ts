import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import {
  type Connection,
  type Direction,
  type ProxyFaults,
  type ProxyAction,
  forward,
  sever,
  type Watch,
} from "./forward.ts";

/** A TCP proxy between two processes, into which network faults can be injected. */
export type TcpProxy = {
  readonly port: number;
  /** Delays every chunk by this much, both ways. */
  delay(ms: number): void;
  /** Drops everything in the given directions; connections stay open. */
  silence(...directions: readonly Direction[]): void;
  /** Forwards in segments of at most so many bytes. */
  slice(bytes: number): void;
  /** Resets all connections; new ones are accepted. */
  cut(): void;
  /** Resets all connections, and every new one immediately. */
  refuse(): void;
  /** New connections go to this port; those that exist stay where they are. */
  target(port: number): void;
  /** Ends all faults. Connections that lost bytes are reset, because TCP never continues after a gap. */
  heal(): void;
  /** The next time these bytes pass, `act` decides what happens to them. Resolves once it has. */
  onNextBytes(direction: Direction, bytes: string, act: () => ProxyAction): Promise<void>;
  close(): Promise<void>;
};

const noFaults: Readonly<ProxyFaults> = { delayMs: 0, silent: [], pieceBytes: Infinity };

/** Opens a proxy to a server's port on the loopback address. */
export async function openTcpProxy(port: number): Promise<TcpProxy> {
  let targetPort = port;
  let now: ProxyFaults = { ...noFaults };
  let refusing = false;
  let watches: readonly Watch[] = [];
  const connections = new Set<Connection>();
  const decide = (direction: Direction, text: Buffer): ProxyAction | undefined => {
    const found = watches.find((watch) => watch.direction === direction && text.includes(watch.bytes));
    if (found === undefined) return undefined;
    watches = watches.filter((watch) => watch !== found);
    const action = found.act();
    found.seen();
    return action;
  };
  const cut = (): void => {
    for (const connection of connections) sever(connection);
  };

  const server = createServer((near) => {
    near.on("error", () => undefined);
    if (refusing) return void near.resetAndDestroy();
    const far = connect({ port: targetPort, host: "127.0.0.1" }).on("error", () => undefined);
    const connection: Connection = { near, far, hasGap: false };
    connections.add(connection);
    for (const socket of [near, far]) {
      socket.setNoDelay(true).on("close", () => near.closed && far.closed && connections.delete(connection));
    }
    forward(connection, "up", () => now, decide);
    forward(connection, "down", () => now, decide);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    delay: (ms) => void (now.delayMs = ms),
    silence: (...directions) => void (now.silent = directions),
    slice: (bytes) => void (now.pieceBytes = bytes),
    cut,
    refuse() {
      refusing = true;
      cut();
    },
    target: (next) => void (targetPort = next),
    heal() {
      now = { ...noFaults };
      refusing = false;
      watches = [];
      for (const connection of connections) if (connection.hasGap) sever(connection);
    },
    onNextBytes(direction, bytes, act) {
      const { promise, resolve } = Promise.withResolvers<void>();
      watches = [...watches, { direction, bytes: Buffer.from(bytes, "latin1"), act, seen: resolve }];
      return promise;
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
