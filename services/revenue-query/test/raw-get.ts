import { connect, type Socket } from "node:net";

/** A GET on a raw socket whose response is not read until `rest` is called. */
export type RawGet = {
  readonly socket: Socket;
  /** Reads to the end; `failure` is the code of the connection error, if there was one. */
  rest(): Promise<{ readonly text: string; readonly failure: string | undefined }>;
};

/** Sends a request without reading its response. */
export async function rawGet(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  version = "1.1",
): Promise<RawGet> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.pause();
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("error", reject);
  });
  const lines = Object.entries({ host: hostname, connection: "close", ...headers });
  socket.write(
    `GET ${path} HTTP/${version}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
  );
  return {
    socket,
    rest: () =>
      new Promise((resolve) => {
        let text = "";
        let failure: string | undefined;
        socket.on("error", (error: NodeJS.ErrnoException) => (failure = error.code));
        socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
        socket.on("close", () => resolve({ text, failure }));
        socket.resume();
      }),
  };
}
