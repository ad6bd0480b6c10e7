import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, runService, type TestService, testSecret } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { event, eventId, eventOfBytes, post, signed } from "./posting.ts";
import { connectRaw, requestHead } from "./raw-exchange.ts";
import { ingressEnv, isReady, readiness, startIngress } from "./running.ts";
import { setStage, type Stage } from "./stage.ts";

/** One request on a connection that is kept. Resolves with the status, 0 when there was no answer. */
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

async function storedIds(stage: Stage): Promise<Set<string>> {
  return new Set((await stage.stored()).map(({ body }) => JSON.parse(body.toString()).id as string));
}

describe("the ingress process at its start", () => {
  it("refuses to start without a secret and names every bad key at once", async () => {
    const { code, output } = await runService("ingress", {
      NATS_URL: "http://wrong",
      MAX_BODY_BYTES: "12 kB",
      LOG_LEVEL: "loud",
      PORT: "-1",
      STRIPE_WEBHOOK_SECRETS: "",
      DURABILITY_CHECK: "maybe",
    });
    expect(code).to.equal(1);
    for (const key of [
      "NATS_URL",
      "NATS_MONITOR_URL",
      "MAX_BODY_BYTES",
      "LOG_LEVEL",
      "PORT",
      "STRIPE_WEBHOOK_SECRETS",
      "DURABILITY_CHECK",
    ]) {
      expect(output).to.match(new RegExp(`^ {2}${key}: `, "m"));
    }
    expect(output).not.to.match(/^\s+at /m);
  });

  for (const [what, secrets] of [
    ["blank", " \n"],
    ["only commas", ",,\n"],
  ] as const) {
    it(`refuses to start with a secret that is ${what}`, async () => {
      await using stage = await setStage({ bare: true });
      const env = ingressEnv(stage.nats, { STRIPE_WEBHOOK_SECRETS: secrets });
      const { code, output } = await runService("ingress", env);
      expect(code).to.equal(1);
      expect(output).to.contain("STRIPE_WEBHOOK_SECRETS");
    });
  }

  it("accepts a secret with a trailing newline, as files have", async () => {
    await using stage = await setStage();
    await using ingress = await startIngress(stage.nats, { STRIPE_WEBHOOK_SECRETS: `${testSecret}\n` });
    await eventually("readiness", () => isReady(ingress));
    expect((await post(ingress.url, event())).status).to.equal(200);
  });

  it("takes a secret from a file and a new one without a restart", async () => {
    await using stage = await setStage();
    const dir = mkdtempSync(join(tmpdir(), "takings-secrets-"));
    const file = join(dir, "secrets");
    writeFileSync(file, "whsec_old\n");
    const env = { STRIPE_WEBHOOK_SECRETS: undefined, STRIPE_WEBHOOK_SECRETS_FILE: file };
    await using ingress = await startIngress(stage.nats, env);
    await eventually("readiness", () => isReady(ingress));
    const withSecret = async (secret: string): Promise<number> => {
      const body = event();
      return (await post(ingress.url, body, { signature: signed(body, { secret }) })).status;
    };
    expect(await withSecret("whsec_old")).to.equal(200);
    expect(await withSecret("whsec_new")).to.equal(400);
    writeFileSync(file, "whsec_old\nwhsec_new\n");
    await eventually("the new secret to count", async () => (await withSecret("whsec_new")) === 200);
    expect(await withSecret("whsec_old")).to.equal(200);
    rmSync(dir, { recursive: true });
  });

  it("is alive but not ready, and says why, until NATS and the stream are there and as they must be", async () => {
    await using stage = await setStage({ bare: true });
    await stage.nats.stop();
    await using ingress = await startIngress(stage.nats);
    const refused = async (): Promise<void> => {
      const answer = await post(ingress.url, event());
      expect(answer.status).to.equal(503);
      expect(answer.headers.get("retry-after")).to.match(/^\d+$/);
      expect((await fetch(`${ingress.adminUrl}/livez`)).status).to.equal(200);
    };
    expect(await readiness(ingress)).to.match(/^503 .*not been checked/);
    await refused();
    await stage.nats.start();
    await eventually("NATS to be noticed", () => ingress.output().includes("nats_connected"));
    await refused();
    await stage.makeStream();
    await stage.makeStreamWith({ discard: "old" });
    await eventually("the fault", async () => (await readiness(ingress)).includes("discards old"));
    await refused();
    await stage.deleteStream();
    await stage.makeStream();
    await eventually("readiness", () => isReady(ingress));
    expect((await post(ingress.url, event())).status).to.equal(200);
  });

  it("is ready without a look at the stream where that is switched off", async () => {
    await using stage = await setStage();
    const env = { DURABILITY_CHECK: "off", NATS_MONITOR_URL: undefined };
    await using ingress = await startIngress(stage.nats, env);
    await eventually("readiness", () => isReady(ingress));
    expect((await post(ingress.url, event())).status).to.equal(200);
  });
});

describe("the ingress process at its end", () => {
  it("has stored everything that it answered with 200 when SIGTERM comes under load, and ends with 0", async function () {
    this.timeout(30_000);
    await using stage = await setStage();
    await using ingress = await startIngress(stage.nats);
    await eventually("readiness", () => isReady(ingress));
    const agent = new Agent({ keepAlive: true });
    const confirmed: string[] = [];
    let over = false;
    const senders = Array.from({ length: 16 }, async () => {
      while (!over) {
        const id = eventId();
        const status = await postKept(ingress.port, agent, event({ id }));
        if (status === 200) confirmed.push(id);
        // Only a refused connection ends the load: nobody listens any more.
        if (status === 0) return;
        expect(status).to.be.oneOf([200, 503]);
      }
    });
    await eventually("load", () => confirmed.length > 300);
    expect(await ingress.end("SIGTERM")).to.equal(0);
    over = true;
    await Promise.all(senders);
    agent.destroy();
    const stored = await storedIds(stage);
    expect(confirmed.filter((id) => !stored.has(id))).to.deep.equal([]);
  });

  it("does not wait for connections that are kept alive but idle", async () => {
    await using stage = await setStage();
    await using ingress = await startIngress(stage.nats);
    await eventually("readiness", () => isReady(ingress));
    const agent = new Agent({ keepAlive: true });
    await Promise.all(Array.from({ length: 5 }, () => postKept(ingress.port, agent, event())));
    const started = performance.now();
    expect(await ingress.end("SIGTERM")).to.equal(0);
    expect(performance.now() - started).to.be.below(3_000);
    agent.destroy();
  });

  it("ends with 0 on SIGTERM while NATS is away", async () => {
    await using stage = await setStage();
    await stage.nats.stop();
    await using ingress = await startIngress(stage.nats);
    expect(await ingress.end("SIGTERM")).to.equal(0);
  });
});

describe("slow clients", () => {
  it("are disconnected within 15 s, slow in their headers or in their body, while others are served", async function () {
    this.timeout(40_000);
    await using stage = await setStage();
    await using ingress = await startIngress(stage.nats);
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

describe("what ingress writes", () => {
  async function untilQuiet(service: TestService, lines: number): Promise<void> {
    await eventually("the log", () => service.lines().length >= lines);
  }

  it("never holds a secret, a signature or a payload, whatever happens", async () => {
    await using stage = await setStage();
    const secret = "whsec_never_to_be_seen";
    const marker = "a_customer_of_ours";
    const env = { STRIPE_WEBHOOK_SECRETS: secret, LOG_LEVEL: "trace" };
    await using ingress = await startIngress(stage.nats, env);
    await eventually("readiness", () => isReady(ingress));
    const used: string[] = [];
    const send = async (body: string, signature: string): Promise<number> => {
      used.push(...signature.split(",").map((item) => item.slice(item.indexOf("=") + 1)));
      return (await post(ingress.url, body, { signature })).status;
    };
    const body = event({ customer: marker });
    expect(await send(body, signed(body, { secret }))).to.equal(200);
    expect(await send(body, signed(body, { secret: "other" }))).to.equal(400);
    expect(await send(body, signed(body, { secret, at: 1_000 }))).to.equal(400);
    expect(await send(`not json ${marker}`, signed("x", { secret }))).to.equal(400);
    expect(await send(eventOfBytes(600_000), signed("x", { secret }))).to.equal(413);
    await stage.nats.kill();
    const late = event({ customer: marker });
    expect(await send(late, signed(late, { secret }))).to.equal(503);
    await untilQuiet(ingress, 6);
    const text = ingress.output();
    for (const word of [secret, marker, ...used.filter((item) => item.length > 20)]) {
      expect(text).not.to.contain(word);
    }
  });

  it("is one JSON line per event with its id and type", async () => {
    await using stage = await setStage();
    await using ingress = await startIngress(stage.nats);
    await eventually("readiness", () => isReady(ingress));
    const id = eventId();
    const body = event({ id });
    await post(ingress.url, body);
    await post(ingress.url, body);
    await eventually(
      "both lines",
      () => ingress.lines().filter(({ event_id }) => event_id === id).length > 1,
    );
    const lines = ingress.lines().filter(({ event_id }) => event_id === id);
    expect(lines.map(({ msg }) => msg)).to.deep.equal(["event_received", "event_received"]);
    expect(lines.map(({ duplicate }) => duplicate)).to.deep.equal([false, true]);
    expect(lines.map(({ event_type }) => event_type)).to.deep.equal([
      "payment_intent.succeeded",
      "payment_intent.succeeded",
    ]);
  });
});
