import { Agent, type IncomingMessage, request } from "node:http";
import { connect, isIPv4, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { expect } from "chai";
import { describe, it } from "mocha";
import { ConfigError } from "../src/config.ts";
import { type HttpServer, listen } from "../src/http-server.ts";

const limits = { headersTimeoutMs: 400, requestTimeoutMs: 400, maxConnections: 100, drainTimeoutMs: 0 };

async function get(port: number, agent?: Agent): Promise<{ text: string; response: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: "127.0.0.1", ...(agent && { agent }) }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.once("end", () => resolve({ text, response }));
    });
    outgoing.once("error", reject).end();
  });
}

async function dial(port: number, text = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").resume();
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  if (text !== "") await new Promise((resolve) => socket.write(text, resolve));
  return socket;
}

async function millisecondsOf(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work;
  return performance.now() - started;
}

/** A server whose responses wait until they are released. */
async function holding(): Promise<{ server: HttpServer; arrived: Promise<void>; release: () => void }> {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const server = await listen(
    (_, response) => {
      arrived.resolve();
      void released.promise.then(() => response.end("late"));
    },
    { port: 0, limits },
  );
  return { server, arrived: arrived.promise, release: () => released.resolve() };
}

describe("an HTTP server", () => {
  it("reports with the name of the setting that its port is in use", async () => {
    const first = await listen((_, response) => void response.end(), { port: 0, limits });
    const reason: unknown = await listen(() => {}, { port: first.port, limits }).catch(
      (error: unknown) => error,
    );
    await first.close();
    expect(reason).to.be.instanceOf(ConfigError);
    expect(String(reason)).to.contain(
      `PORT: port ${first.port} is in use by another program; stop it or set another port (EADDRINUSE)`,
    );
  });

  it("reports that the machine has no such address", async () => {
    const reason = await listen(() => {}, { port: 0, host: "192.0.2.1", limits }).then(String, String);
    expect(reason).to.contain("HOST: this machine has no address 192.0.2.1 (EADDRNOTAVAIL)");
  });

  it("listens on the given address only, and on all without one", async () => {
    const boundTo = async (host: string | undefined): Promise<string> => {
      const server = await listen((_, response) => void response.end("x"), { port: 0, host, limits });
      // Any other address of this machine stands for one in the network.
      const others = Object.values(networkInterfaces()).flatMap((all = []) =>
        all.map(({ address }) => address),
      );
      const far = others.find((address) => isIPv4(address) && address !== "127.0.0.1") ?? "127.0.0.2";
      const socket = connect(server.port, far);
      const outcome = await new Promise<string>((resolve) => {
        socket.once("connect", () => resolve("all")).once("error", () => resolve("one"));
      });
      socket.destroy();
      await server.close();
      return outcome;
    };
    expect(await boundTo("127.0.0.1")).to.equal("one");
    expect(await boundTo(undefined)).to.equal("all");
  });

  it("finishes a request in progress while it closes, and tells its client to close", async () => {
    const { server, arrived, release } = await holding();
    const agent = new Agent({ keepAlive: true });
    const answer = get(server.port, agent);
    await arrived;
    const closing = server.close();
    release();
    const { text, response } = await answer;
    expect(text).to.equal("late");
    expect(response.headers.connection).to.equal("close");
    await closing;
    agent.destroy();
  });

  it("accepts no connection once it closes", async () => {
    const { server, release } = await holding();
    release();
    await server.close();
    expect(await get(server.port).then(String, String)).to.contain("ECONNREFUSED");
  });

  it("does not wait for an idle keep-alive connection", async () => {
    const server = await listen((_, response) => void response.end("x"), { port: 0, limits });
    const agent = new Agent({ keepAlive: true });
    await get(server.port, agent);
    expect(await millisecondsOf(server.close())).to.be.below(350);
    agent.destroy();
  });

  it("serves connected clients until the drain timeout, and tells them to close", async () => {
    const draining = { ...limits, drainTimeoutMs: 10_000 };
    const server = await listen((_, response) => void response.end("x"), { port: 0, limits: draining });
    const agent = new Agent({ keepAlive: true });
    expect((await get(server.port, agent)).response.headers.connection).to.equal("keep-alive");
    const closing = server.close();
    const { text, response } = await get(server.port, agent);
    expect([text, response.headers.connection]).to.deep.equal(["x", "close"]);
    // No client is connected any more, so there is none to wait for.
    expect(await millisecondsOf(closing)).to.be.below(2_000);
    agent.destroy();
  });

  for (const [what, sent] of [
    ["says nothing", ""],
    ["stops in its headers", "GET / HTTP/1.1\r\nhost: x\r\n"],
    ["stops in its body", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc"],
  ] as const) {
    it(`waits no longer than the request timeout for a client that ${what}`, async () => {
      const server = await listen(
        (incoming, response) => incoming.resume().once("end", () => response.end()),
        {
          port: 0,
          limits,
        },
      );
      const socket = await dial(server.port, sent);
      expect(await millisecondsOf(server.close())).to.be.below(3_000);
      socket.destroy();
    });
  }

  it("passes a header of 20 kB to its handler", async () => {
    const server = await listen(
      (incoming, response) => void response.end(String(incoming.headers["x-long"])),
      {
        port: 0,
        limits,
      },
    );
    const response = await fetch(`http://127.0.0.1:${server.port}`, {
      headers: { "x-long": "x".repeat(20_000) },
    });
    expect(await response.text()).to.have.length(20_000);
    await server.close();
  });

  it("refuses a header of 100 kB itself", async () => {
    const server = await listen((_, response) => void response.end(), { port: 0, limits });
    const response = await fetch(`http://127.0.0.1:${server.port}`, {
      headers: { "x-long": "x".repeat(100_000) },
    });
    expect(response.status).to.equal(431);
    await server.close();
  });
});
