import { Agent, get, request } from "node:http";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { event, eventId, post, signed } from "./post-webhook.ts";
import { connectRaw, requestHead } from "./raw-client.ts";
import { isReady, startIngress } from "./ingress-process.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

/** One request on a connection that is kept. Resolves with the status, 0 without a response. */
function postKept(port: number, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { "stripe-signature": signed(body), "content-length": Buffer.byteLength(body) };
    const outgoing = request(
      { port, host: "127.0.0.1", path: "/webhooks/stripe", method: "POST", headers, agent },
      (response) => response.resume().once("end", () => resolve(response.statusCode ?? 0)),
    );
    outgoing.once("error", () => resolve(0));
    outgoing.end(body);
  });
}

async function storedIds(context: TestContext): Promise<Set<string>> {
  return new Set((await context.stored()).map(({ body }) => JSON.parse(body.toString()).id as string));
}

describe("the ingress process at shutdown", () => {
  it("has stored everything that got 200 when it receives SIGTERM under load, and exits 0", async function () {
    this.timeout(30_000);
    await using context = await createTestContext();
    await using ingress = await startIngress(context.nats);
    await eventually("readiness", () => isReady(ingress));
    const agent = new Agent({ keepAlive: true });
    const confirmed: string[] = [];
    const over = new AbortController();
    const senders = Array.from({ length: 16 }, async () => {
      while (!over.signal.aborted) {
        const id = eventId();
        const status = await postKept(ingress.port, agent, event({ id }));
        if (status === 200) confirmed.push(id);
        // Only a refused connection ends the load: the server listens no more.
        if (status === 0) return;
        expect(status).to.be.oneOf([200, 503]);
      }
    });
    await eventually("load", () => confirmed.length > 300);
    expect(await ingress.end("SIGTERM")).to.equal(0);
    over.abort();
    await Promise.all(senders);
    agent.destroy();
    const stored = await storedIds(context);
    expect(confirmed.filter((id) => !stored.has(id))).to.deep.equal([]);
  });

  it("does not wait for idle keep-alive connections", async () => {
    await using context = await createTestContext();
    await using ingress = await startIngress(context.nats);
    await eventually("readiness", () => isReady(ingress));
    const agent = new Agent({ keepAlive: true });
    await Promise.all(Array.from({ length: 5 }, () => postKept(ingress.port, agent, event())));
    const started = performance.now();
    expect(await ingress.end("SIGTERM")).to.equal(0);
    expect(performance.now() - started).to.be.below(10_000);
    agent.destroy();
  });

  it("tells a load balancer that probes / as soon as it stops", async () => {
    await using context = await createTestContext();
    await using ingress = await startIngress(context.nats);
    await eventually("readiness", () => isReady(ingress));
    const agent = new Agent({ keepAlive: true });
    const probe = (): Promise<number> =>
      new Promise((resolve) => {
        const options = { port: ingress.port, host: "127.0.0.1", path: "/", agent };
        get(options, (response) => {
          response.resume().once("end", () => resolve(response.statusCode ?? 0));
        }).once("error", () => resolve(0));
      });
    expect(await probe()).to.equal(200);
    const ended = ingress.end("SIGTERM");
    await eventually("the signal", () => ingress.output().includes('"stopping"'));
    expect(await probe()).to.equal(503);
    agent.destroy();
    expect(await ended).to.equal(0);
  });

  it("exits 0 on SIGTERM while NATS is away", async () => {
    await using context = await createTestContext();
    await context.nats.stop();
    await using ingress = await startIngress(context.nats);
    expect(await ingress.end("SIGTERM")).to.equal(0);
  });
});

describe("slow clients", () => {
  it("are disconnected within 15 s, whether headers or body are slow, while others are served", async function () {
    this.timeout(40_000);
    await using context = await createTestContext();
    await using ingress = await startIngress(context.nats);
    await eventually("readiness", () => isReady(ingress));
    const started = performance.now();
    await using slowHead = await connectRaw(ingress.port, "POST /webhooks/stripe HTTP/1.1\r\n");
    await using slowBody = await connectRaw(ingress.port, requestHead({ "content-length": "100000" }));
    let sent = 0;
    const drip = setInterval(() => {
      sent += 1;
      if (slowHead.socket.writable) slowHead.socket.write(`x-${sent}: y\r\n`);
      if (slowBody.socket.writable) slowBody.socket.write("x");
    }, 250);
    try {
      await Promise.all([slowHead.closed, slowBody.closed]);
      expect(performance.now() - started).to.be.below(15_000);
      expect(sent).to.be.greaterThan(2);
      expect((await post(ingress.url, event())).status).to.equal(200);
    } finally {
      clearInterval(drip);
    }
  });
});
