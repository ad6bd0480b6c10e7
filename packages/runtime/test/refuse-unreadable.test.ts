import type { RequestListener } from "node:http";
import { connect } from "node:net";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { type HttpServer, listen } from "../src/http-server.ts";

const limits = { headersTimeoutMs: 400, requestTimeoutMs: 400, maxConnections: 100, drainTimeoutMs: 0 };

describe("an HTTP server that cannot serve a request", () => {
  let server: HttpServer | undefined;
  afterEach(() => server?.close());

  /** Everything that the server sends to a client that sends these chunks and then reads. */
  async function answerTo(handler: RequestListener, ...pieces: readonly string[]): Promise<string> {
    server = await listen(handler, { port: 0, limits });
    const socket = connect(server.port, "127.0.0.1").setEncoding("utf8");
    let received = "";
    socket.on("data", (text: string) => {
      received += text;
    });
    const closed = new Promise<void>((resolve, reject) => {
      socket.once("error", reject).once("close", () => resolve());
    });
    for (const piece of pieces) socket.write(piece);
    await closed;
    return received;
  }

  const nothing: RequestListener = () => {};
  const cases = [
    { what: "is no HTTP", said: "nonsense\r\n\r\n", status: 400 },
    {
      what: "has a header beyond all bounds",
      said: `GET /${"x".repeat(300_000)} HTTP/1.1\r\n\r\n`,
      status: 431,
    },
    { what: "has no Host", said: "GET / HTTP/1.1\r\n\r\n", status: 400 },
    {
      what: "expects what nobody knows",
      said: "GET / HTTP/1.1\r\nhost: x\r\nexpect: other\r\n\r\n",
      status: 417,
    },
    { what: "does not come to its end", said: "GET / HTTP/1.1\r\nhost: x\r\n", status: 408 },
  ];
  for (const { what, said, status } of cases) {
    it(`responds with a problem document when it ${what}, and closes the connection`, async () => {
      const [head = "", body = ""] = (await answerTo(nothing, said)).split("\r\n\r\n");
      expect(head).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head).to.match(/^content-type: application\/problem\+json/im);
      expect(JSON.parse(body)).to.include({ type: "about:blank", status });
    });
  }

  it("accepts an HTTP/1.0 request without Host", async () => {
    const answer = await answerTo((_, response) => void response.end("x"), "GET / HTTP/1.0\r\n\r\n");
    expect(answer).to.match(/^HTTP\/1.1 200 /);
  });

  it("mixes nothing into a response that has started", async () => {
    const begun = await answerTo(
      (_, response) => void response.writeHead(200, { "content-length": "9" }).write("begun"),
      "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n",
      "nonsense\r\n",
    ).catch(String);
    expect(begun).not.to.contain("problem+json");
  });
});
