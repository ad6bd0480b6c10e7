import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { type Link, openLinkTo } from "../src/link.ts";

describe("a link between two processes", () => {
  let server: Server;
  let link: Link;
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
    link = await openLinkTo((server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    for (const socket of talking) socket.destroy();
    await link.close();
    server.close();
  });

  async function talk(): Promise<{ socket: Socket; answers: () => string }> {
    const socket = connect({ port: link.port, host: "127.0.0.1" }).on("error", () => undefined);
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
    link.silence("down");
    socket.write("hello");
    await eventually("the server to hear it", () => heard === "hello");
    expect([answers(), socket.closed]).to.deep.equal(["", false]);
  });

  it("cuts, once it heals, a connection that lost bytes", async () => {
    const { socket } = await talk();
    link.silence("up");
    socket.write("lost");
    await eventually("the bytes to be lost", () => socket.bytesWritten === 4 && socket.writableLength === 0);
    const other = await talk();
    await eventually("the connection to be cut", () => {
      link.heal();
      return socket.closed;
    });
    expect([heard, other.socket.closed]).to.deep.equal(["", false]);
  });

  it("acts at the moment at which something passes, also when it comes in two pieces", async () => {
    const { socket } = await talk();
    let heardBefore: string | undefined;
    const seen = link.atNext("up", "COMMIT", () => {
      heardBefore = heard;
      return "lose";
    });
    socket.write("begin; COM");
    await eventually("the first half to arrive", () => heard === "begin; COM");
    socket.write("MIT");
    await seen;
    expect([heardBefore, heard]).to.deep.equal(["begin; COM", "begin; COM"]);
  });

  it("refuses new connections until it heals", async () => {
    link.refuse();
    const refused = connect({ port: link.port, host: "127.0.0.1" }).on("error", () => undefined);
    await eventually("the refusal", () => refused.closed);
    link.heal();
    const { socket: next, answers } = await talk();
    next.write("hello");
    await eventually("the answer", () => answers() === "hello");
  });
});
