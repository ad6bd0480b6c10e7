import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type TcpProxy, openTcpProxy } from "../src/proxy.ts";

describe("a proxy between two processes", () => {
  let server: Server;
  let proxy: TcpProxy;
  let received: string;
  let clients: Socket[];

  beforeEach(async () => {
    received = "";
    clients = [];
    // Echoes what it receives.
    server = createServer((socket) => {
      socket
        .on("error", () => undefined)
        .on("data", (piece: Buffer) => {
          received += piece.toString();
          socket.write(piece);
        });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    proxy = await openTcpProxy((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    for (const socket of clients) socket.destroy();
    await proxy.close();
    server.close();
  });

  async function openClient(): Promise<{ socket: Socket; responses: () => string }> {
    const socket = connect({ port: proxy.port, host: "127.0.0.1" }).on("error", () => undefined);
    clients.push(socket);
    let responses = "";
    socket.on("data", (piece: Buffer) => (responses += piece.toString()));
    await once(socket, "connect");
    return { socket, responses: () => responses };
  }

  it("forwards both ways", async () => {
    const { socket, responses } = await openClient();
    socket.write("hello");
    await eventually("the response", () => responses() === "hello");
  });

  it("drops one direction and keeps the connection open", async () => {
    const { socket, responses } = await openClient();
    proxy.silence("down");
    socket.write("hello");
    await eventually("the server to receive it", () => received === "hello");
    expect([responses(), socket.closed]).to.deep.equal(["", false]);
  });

  it("resets a connection that lost bytes when it heals", async () => {
    const { socket } = await openClient();
    proxy.silence("up");
    socket.write("lost");
    await eventually("the bytes to be lost", () => socket.bytesWritten === 4 && socket.writableLength === 0);
    const other = await openClient();
    await eventually("the connection to be cut", () => {
      proxy.heal();
      return socket.closed;
    });
    expect([received, other.socket.closed]).to.deep.equal(["", false]);
  });

  it("acts when bytes pass, even in two chunks", async () => {
    const { socket } = await openClient();
    let receivedBefore: string | undefined;
    const seen = proxy.onNextBytes("up", "COMMIT", () => {
      receivedBefore = received;
      return "drop";
    });
    socket.write("begin; COM");
    await eventually("the first half to arrive", () => received === "begin; COM");
    socket.write("MIT");
    await seen;
    expect([receivedBefore, received]).to.deep.equal(["begin; COM", "begin; COM"]);
  });

  it("refuses new connections until it heals", async () => {
    proxy.refuse();
    const refused = connect({ port: proxy.port, host: "127.0.0.1" }).on("error", () => undefined);
    await eventually("the refusal", () => refused.closed);
    proxy.heal();
    const { socket: next, responses } = await openClient();
    next.write("hello");
    await eventually("the response", () => responses() === "hello");
  });
});
