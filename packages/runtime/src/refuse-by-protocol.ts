import { type RequestListener, type Server, type ServerResponse, STATUS_CODES } from "node:http";

/**
 * Refuses HTTP/1.1 requests without `Host` (RFC 9112, 3.2) with a problem document, where Node would send an empty body.
 * For a server with `requireHostHeader: false`.
 */
export function requireHost(handler: RequestListener): RequestListener {
  return (request, response) => {
    if (request.httpVersion === "1.1" && request.headers.host === undefined) {
      refuse(response, 400, "The request has no Host header.");
    } else {
      handler(request, response);
    }
  };
}

/** Refuses expectations other than `100-continue` (RFC 9110, 10.1.1) with a problem document. */
export function refuseExpectations(server: Server): void {
  server.on("checkExpectation", (_, response: ServerResponse) => {
    refuse(response, 417, "The only supported expectation is 100-continue.");
  });
}

function refuse(response: ServerResponse, status: number, detail: string): void {
  const body = JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status, detail });
  const headers = {
    connection: "close",
    "content-type": "application/problem+json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  };
  response.writeHead(status, headers).end(body);
}
