import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Pooler = AsyncDisposable & {
  readonly url: string;
  /** How many connections sent options that were dropped. */
  dropped(): number;
};

/** A proxy that drops options, as PgBouncer does with `ignore_startup_parameters=options`. */
export async function poolerWithoutOptions(serverUrl: string): Promise<Pooler> {
  const { hostname, port } = new URL(serverUrl);
  let dropped = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.pipe(client);
    // The first packet is short and arrives complete.
    client.once("data", (packet: Buffer) => {
      const { rest, had } = withoutOptions(packet);
      if (had) dropped += 1;
      upstream.write(rest);
      client.pipe(upstream);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(serverUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    dropped: () => dropped,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A startup message: length, version, then names and values, each terminated by a zero, and one more zero. */
function withoutOptions(packet: Buffer): { readonly rest: Buffer; readonly had: boolean } {
  const words = packet.toString("latin1", 8).split("\0");
  const at = words.findIndex((word, index) => index % 2 === 0 && word === "options");
  if (at >= 0) words.splice(at, 2);
  const body = Buffer.from(words.join("\0"), "latin1");
  const head = Buffer.from(packet.subarray(0, 8));
  head.writeInt32BE(8 + body.length);
  return { rest: Buffer.concat([head, body]), had: at >= 0 };
}
