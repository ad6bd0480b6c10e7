import { connect, type Socket } from "node:net";

/** A connection on which a client may say what it likes. */
export type RawClient = AsyncDisposable & {
  readonly socket: Socket;
  /** What has come back so far. */
  readonly received: () => string;
  /** Resolves with all that came back when the other side has closed the connection. */
  readonly closed: Promise<string>;
};

export async function connectRaw(port: number, ...pieces: readonly (string | Buffer)[]): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    received += text;
  });
  // A reset is one of the ways in which the other side may close.
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
