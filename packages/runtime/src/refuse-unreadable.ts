import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** How long further input is read and dropped: a client that is cut off while it writes gets no response. */
const lingerMs = 2_000;

const statuses: ReadonlyMap<string | undefined, number> = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
]);

/**
 * Refuses input that is not an HTTP request, or not complete in time, with a problem document, and closes the connection.
 * When a response has already started, the connection is cut off instead: nothing may be mixed into the response.
 */
export function refuseUnreadable(server: Server, openResponses: ReadonlySet<ServerResponse>): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Node emits the event again with each further chunk.
    if (socket.writableEnded) return;
    const hasStarted = openResponses.values().some((one) => one.socket === socket && one.headersSent);
    if (!socket.writable || hasStarted) {
      socket.destroy();
      return;
    }
    socket.end(refusal(statuses.get(error.code) ?? 400));
    const cut = setTimeout(() => socket.destroy(), lingerMs);
    socket.once("close", () => clearTimeout(cut));
  });
}

function refusal(status: number): string {
  const title = STATUS_CODES[status];
  const body = JSON.stringify({ type: "about:blank", title, status });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    "Connection: close",
    "Content-Type: application/problem+json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
