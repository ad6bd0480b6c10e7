import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** How long what a client still sends is read and dropped: one that is cut off while it writes sees no answer. */
const lingerMs = 2_000;

const statuses: ReadonlyMap<string | undefined, number> = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
]);

/**
 * Answers what is no HTTP request, or none that came whole in time, with a problem document, and ends the
 * connection. An answer that is already under way is cut off instead: nothing may be mixed into it.
 */
export function refuseUnreadable(server: Server, openResponses: ReadonlySet<ServerResponse>): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Node tells of it again with each piece that still comes.
    if (socket.writableEnded) return;
    const isAnswered = [...openResponses].some((answer) => answer.socket === socket && answer.headersSent);
    if (!socket.writable || isAnswered) {
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
