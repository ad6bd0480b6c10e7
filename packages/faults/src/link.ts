import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Which way bytes go: `up` to the server, `down` to whoever connected. */
export type Direction = "up" | "down";

/** What becomes of the piece in which something was seen: sent on, lost without a trace, or the connection with it. */
export type Fate = "pass" | "lose" | "cut";

/** A TCP connection's way between two processes, which can be disturbed. */
export type Link = {
  readonly port: number;
  /** From now on every piece arrives this much later, both ways. */
  delay(ms: number): void;
  /** Connections stay open, and nothing gets through in the given directions. */
  silence(...directions: readonly Direction[]): void;
  /** Sends on in pieces of at most so many bytes. */
  slice(bytes: number): void;
  /** Ends all connections with a reset; new ones may be made. */
  cut(): void;
  /** Ends all connections with a reset, and every new one at once. */
  refuse(): void;
  /** As if nothing had been; connections that lost bytes are cut, for TCP never goes on after a gap. */
  heal(): void;
  /** When these bytes pass for the next time, `act` decides about them. Resolves once it has. */
  atNext(direction: Direction, bytes: string, act: () => Fate): Promise<void>;
  close(): Promise<void>;
};

type Watch = {
  readonly direction: Direction;
  readonly bytes: Buffer;
  readonly act: () => Fate;
  readonly seen: () => void;
};

type Disturbance = {
  delayMs: number;
  silent: readonly Direction[];
  pieceBytes: number;
  refusing: boolean;
};

type Connection = { readonly near: Socket; readonly far: Socket; hasGap: boolean };

const undisturbed: Readonly<Disturbance> = { delayMs: 0, silent: [], pieceBytes: Infinity, refusing: false };

/** Opens a link to a server's port on the loopback address. */
export async function openLinkTo(port: number): Promise<Link> {
  let now: Disturbance = { ...undisturbed };
  const connections = new Set<Connection>();
  let watches: readonly Watch[] = [];

  const server = createServer((near) => {
    near.on("error", () => undefined);
    if (now.refusing) return void near.resetAndDestroy();
    const far = connect({ port, host: "127.0.0.1" });
    const connection: Connection = { near, far, hasGap: false };
    connections.add(connection);
    near.setNoDelay(true);
    far.setNoDelay(true).on("error", () => undefined);
    pump(connection, "up", near, far);
    pump(connection, "down", far, near);
  });

  function pump(connection: Connection, direction: Direction, from: Socket, to: Socket): void {
    let tail: Buffer = Buffer.alloc(0);
    from.on("data", (piece: Buffer) => {
      const text = Buffer.concat([tail, piece]);
      const found = watches.find((watch) => watch.direction === direction && text.includes(watch.bytes));
      tail = found === undefined ? text.subarray(-longestWatched) : Buffer.alloc(0);
      const fate = found === undefined ? "pass" : decide(found);
      if (fate === "cut") return sever(connection);
      if (fate === "lose" || now.silent.includes(direction)) {
        connection.hasGap = true;
        return;
      }
      send(from, to, piece);
    });
    // An end travels like data: behind what was sent before, and not at all where there is silence.
    from.on("end", () => void (now.silent.includes(direction) || after(now.delayMs, () => to.end())));
    from.on("close", () => {
      if (to.closed) connections.delete(connection);
      if (!now.silent.includes(direction)) after(now.delayMs, () => to.destroySoon());
    });
  }

  function send(from: Socket, to: Socket, piece: Buffer): void {
    const { delayMs, pieceBytes } = now;
    for (let start = 0; start < piece.byteLength; start += pieceBytes) {
      const part = piece.subarray(start, start + pieceBytes);
      after(delayMs, () => {
        if (to.destroyed || to.write(part)) return;
        from.pause();
        to.once("drain", () => from.resume());
      });
    }
  }

  function decide(watch: Watch): Fate {
    watches = watches.filter((other) => other !== watch);
    const fate = watch.act();
    watch.seen();
    return fate;
  }

  function sever(connection: Connection): void {
    connections.delete(connection);
    connection.near.resetAndDestroy();
    connection.far.resetAndDestroy();
  }

  function cut(): void {
    for (const connection of connections) sever(connection);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    delay: (ms) => void (now.delayMs = ms),
    silence: (...directions) => void (now.silent = directions),
    slice: (bytes) => void (now.pieceBytes = bytes),
    cut,
    refuse() {
      now.refusing = true;
      cut();
    },
    heal() {
      now = { ...undisturbed };
      watches = [];
      for (const connection of connections) if (connection.hasGap) sever(connection);
    },
    atNext(direction, bytes, act) {
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

/** Nothing longer is ever looked for, so this much of the last piece is enough to find what two pieces share. */
const longestWatched = 64;

function after(ms: number, act: () => void): void {
  if (ms === 0) act();
  else setTimeout(act, ms);
}
