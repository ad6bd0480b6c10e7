import { connect, type Socket } from "node:net";

/** Clients that know the address of ingress and no secret. Disposal disconnects them. */
export type HostileClients = Disposable & {
  /** How many are connected. */
  connected(): number;
};

export type HostileOptions = {
  readonly port: number;
  readonly clients: number;
  /** What each sends before it stops; each is a part of a request. */
  readonly beginning: Buffer | string;
};

/** A request with that many bytes of its body, which is longer. The signature is as long as a real one. */
export function partOfBody(bytes: number): Buffer {
  const head = [
    "POST /webhooks/stripe HTTP/1.1",
    "host: x",
    `content-length: ${bytes + 1_000}`,
    `stripe-signature: t=${Math.floor(Date.now() / 1_000)},v1=${"0".repeat(64)}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), Buffer.alloc(bytes, "x")]);
}

const renewalMs = 500;

/** Connects clients, and replaces those that the server cuts off or answers. */
export function startHostileClients({ port, clients, beginning }: HostileOptions): HostileClients {
  const sockets = new Set<Socket>();
  const renew = (): void => {
    while (sockets.size < clients) {
      const socket = connect({ port, host: "127.0.0.1" }).on("error", () => undefined);
      sockets.add(socket);
      socket.write(beginning);
      // The response to a client that was refused; it has what it wanted.
      socket.once("data", () => socket.destroy()).once("close", () => sockets.delete(socket));
    }
  };
  renew();
  const timer = setInterval(renew, renewalMs);
  return {
    connected: () =>
      sockets
        .values()
        .filter(({ connecting }) => !connecting)
        .toArray().length,
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}
