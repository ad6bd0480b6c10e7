import type { RequestListener, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { ClientOf } from "../src/client-address.ts";
import { type HttpServer, listen } from "../src/http-server.ts";

const maxConnections = 8;
const limits = { headersTimeoutMs: 20_000, requestTimeoutMs: 20_000, maxConnections, drainTimeoutMs: 0 };
const getRequest = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

type Client = { readonly socket: Socket; readonly received: () => string; readonly isClosed: () => boolean };

describe("the limit of connections", () => {
  let server: HttpServer | undefined;
  let clients: Client[] = [];
  afterEach(async () => {
    for (const { socket } of clients) socket.destroy();
    clients = [];
    await server?.close();
  });

  async function serve(
    handler: RequestListener = (_, response) => void response.end("served"),
    clientOf?: ClientOf,
  ): Promise<void> {
    server = await listen(handler, { port: 0, limits, ...(clientOf && { clientOf }) });
  }

  async function connected(text = "", localAddress = "127.0.0.1"): Promise<Client> {
    const socket = connect({ port: server?.port ?? 0, host: "127.0.0.1", localAddress });
    let received = "";
    let closed = false;
    socket.setEncoding("utf8").on("data", (piece: string) => {
      received += piece;
    });
    socket
      .on("error", () => {})
      .once("close", () => {
        closed = true;
      });
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    if (text !== "") socket.write(text);
    const client = { socket, received: () => received, isClosed: () => closed };
    clients.push(client);
    return client;
  }

  async function connectedTimes(count: number, text = "", localAddress = "127.0.0.1"): Promise<Client[]> {
    const all: Client[] = [];
    for (let n = 0; n < count; n += 1) all.push(await connected(text, localAddress));
    return all;
  }

  const isServed = ({ received }: Client): boolean => received().endsWith("served");
  const areServed = (some: readonly Client[]): boolean => some.every(isServed);

  for (const [what, text] of [
    ["says nothing", ""],
    ["stops in its headers", "GET / HTTP/1.1\r\nhost: x\r\n"],
    ["stops in its body", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc"],
    ["keeps its connection after a response", getRequest],
  ] as const) {
    it(`gives the place of a client that ${what} to one that sends a request`, async () => {
      await serve((request, response) => {
        // The others wait for their bodies.
        request.resume().once("end", () => response.end("served"));
      });
      const [first, ...others] = await connectedTimes(maxConnections, text);
      if (text === getRequest) await eventually("responses", () => areServed(clients));
      const client = await connected(getRequest);
      await eventually("a response", () => isServed(client));
      await eventually("the first connection to be closed", () => first?.isClosed() === true);
      expect(others.filter(({ isClosed }) => isClosed())).to.have.length(0);
    });
  }

  it("cuts off no request that is being answered", async () => {
    const released = Promise.withResolvers<void>();
    let arrived = 0;
    await serve((request, response) => {
      request.resume().once("end", () => {
        arrived += 1;
        void released.promise.then(() => response.end("served"));
      });
    });
    const some = await connectedTimes(maxConnections, getRequest);
    await eventually("the requests to arrive", () => arrived === maxConnections);
    const refused = await connected(getRequest);
    await eventually("the new connection to be closed", refused.isClosed);
    expect(refused.received()).to.equal("");
    released.resolve();
    await eventually("all responses", () => areServed(some));
  });

  it("does not count a request that is being answered as waiting because the next one has begun", async () => {
    const released = Promise.withResolvers<void>();
    let arrived = 0;
    await serve((request, response) => {
      arrived += 1;
      request.resume();
      void released.promise.then(() => response.end("served"));
    });
    const body = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc";
    const some = await connectedTimes(maxConnections, `${getRequest}${body}`);
    await eventually("all requests to begin", () => arrived === 2 * maxConnections);
    const refused = await connected(getRequest);
    await eventually("the new connection to be closed", refused.isClosed);
    released.resolve();
    await eventually("the responses", () => some.every(({ received }) => received().includes("served")));
  });

  it("gives the place of a client that does not read its response to one that sends a request", async () => {
    // More than the buffers of the kernel take.
    const large = "x".repeat(20_000_000);
    const responses: ServerResponse[] = [];
    await serve(({ url }, response) => {
      if (url === "/large") responses.push(response);
      else response.end("served");
    });
    const deaf = await connectedTimes(maxConnections);
    for (const { socket } of deaf) socket.pause().write("GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
    await eventually("the requests to arrive", () => responses.length === maxConnections);
    // From now on the server knows that all are busy: no silent or idle connection could give way.
    const refused = await connected(getRequest);
    await eventually("the new connection to be closed", refused.isClosed);
    for (const response of responses) response.end(large);
    await eventually("the responses to fill the buffers", () =>
      responses.every(({ writableLength }) => writableLength > 0),
    );
    const client = await connected(getRequest);
    await eventually("a response", () => isServed(client));
    expect(responses.filter(({ destroyed }) => destroyed)).to.have.length(1);
  });

  it("displaces the connection that has waited longest, and not the newest", async () => {
    await serve();
    const idle = await connectedTimes(maxConnections - 1, getRequest);
    await eventually("responses", () => areServed(idle));
    // It has sent nothing yet, but only now.
    const young = await connected();
    await connected(getRequest);
    await eventually("a connection to be closed", () => clients.some(({ isClosed }) => isClosed()));
    young.socket.write(getRequest);
    await eventually("a response to the young one", () => isServed(young));
  });

  it("gives one client a quarter of the connections, beyond which it displaces its own", async () => {
    await serve(undefined, (address) => (address === "127.0.0.1" ? undefined : address));
    const [other] = await connectedTimes(1);
    const greedy = await connectedTimes(20, "", "127.0.0.2");
    await eventually(
      "the connections of the client to be closed",
      () => greedy.filter(({ isClosed }) => !isClosed()).length === 2,
    );
    expect(other?.isClosed()).to.equal(false);
  });

  it("does not limit the connections of addresses that many clients share", async () => {
    await serve(undefined, () => undefined);
    const all = await connectedTimes(maxConnections, getRequest, "127.0.0.2");
    await eventually("all responses", () => areServed(all));
    expect(all.filter(({ isClosed }) => isClosed())).to.have.length(0);
  });
});
