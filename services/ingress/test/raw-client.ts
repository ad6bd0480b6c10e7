import { connect, type Socket } from "node:net";

/** A connection on which a client can send any bytes. */
export type RawClient = AsyncDisposable & {
  readonly socket: Socket;
  /** What was received so far. */
  readonly received: () => string;
  /** Resolves with everything received when the server has closed the connection. */
  readonly closed: Promise<string>;
};

export async function connectRaw(port: number, ...pieces: readonly (string | Buffer)[]): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    received += text;
  });
  // The server may also close with a reset.
  socket.on("error", () => {});
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(received)));
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  for (const piece of pieces) socket.write(piece);
  return {
    socket,
    received: () => received,
    closed,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
}

/** The first lines of a webhook request, up to and including the empty line. */
export function requestHead(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: "takings", ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `POST /webhooks/stripe HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}
