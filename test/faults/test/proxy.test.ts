import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type TcpProxy, openTcpProxy } from "../src/proxy.ts";

describe("a proxy between two processes", () => {
  let server: Server;
  let proxy: TcpProxy;
  let heard: string;
  let talking: Socket[];

  beforeEach(async () => {
    heard = "";
    talking = [];
    // Says back what it hears.
    server = createServer((socket) => {
      socket
        .on("error", () => undefined)
        .on("data", (piece: Buffer) => {
          heard += piece.toString();
          socket.write(piece);
        });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    proxy = await openTcpProxy((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    for (const socket of talking) socket.destroy();
    await proxy.close();
    server.close();
  });

  async function talk(): Promise<{ socket: Socket; answers: () => string }> {
    const socket = connect({ port: proxy.port, host: "127.0.0.1" }).on("error", () => undefined);
    talking.push(socket);
    let answers = "";
    socket.on("data", (piece: Buffer) => (answers += piece.toString()));
    await once(socket, "connect");
    return { socket, answers: () => answers };
  }

  it("passes on what is said, both ways", async () => {
    const { socket, answers } = await talk();
    socket.write("hello");
    await eventually("the answer", () => answers() === "hello");
  });

  it("swallows one direction and leaves the connection open", async () => {
    const { socket, answers } = await talk();
    proxy.silence("down");
    socket.write("hello");
    await eventually("the server to hear it", () => heard === "hello");
    expect([answers(), socket.closed]).to.deep.equal(["", false]);
  });

  it("cuts, once it heals, a connection that lost bytes", async () => {
    const { socket } = await talk();
    proxy.silence("up");
    socket.write("lost");
    await eventually("the bytes to be lost", () => socket.bytesWritten === 4 && socket.writableLength === 0);
    const other = await talk();
    await eventually("the connection to be cut", () => {
      proxy.heal();
      return socket.closed;
    });
    expect([heard, other.socket.closed]).to.deep.equal(["", false]);
  });

  it("acts at the moment at which something passes, also when it comes in two pieces", async () => {
    const { socket } = await talk();
    let heardBefore: string | undefined;
    const seen = proxy.onNextBytes("up", "COMMIT", () => {
      heardBefore = heard;
      return "drop";
    });
    socket.write("begin; COM");
    await eventually("the first half to arrive", () => heard === "begin; COM");
    socket.write("MIT");
    await seen;
    expect([heardBefore, heard]).to.deep.equal(["begin; COM", "begin; COM"]);
  });

  it("refuses new connections until it heals", async () => {
    proxy.refuse();
    const refused = connect({ port: proxy.port, host: "127.0.0.1" }).on("error", () => undefined);
    await eventually("the refusal", () => refused.closed);
    proxy.heal();
    const { socket: next, answers } = await talk();
    next.write("hello");
    await eventually("the answer", () => answers() === "hello");
  });
});
