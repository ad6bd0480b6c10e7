import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { event, eventId, signed } from "./post-webhook.ts";
import { startReadyServer, type TestServer } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

const recordings = join(import.meta.dirname, "../../../test/fixtures/stripe-events");

/** Every recorded body with a unique id: several recordings share one. */
function recordedEvents(): { id: string; type: string; body: string }[] {
  const files = readdirSync(recordings).filter((name) => name.endsWith(".json"));
  return files.map((name) => {
    const text = readFileSync(join(recordings, name), "utf8");
    const { id, type } = JSON.parse(text) as { id: string; type: string };
    const fresh = eventId();
    return { id: fresh, type, body: text.replaceAll(id, fresh) };
  });
}

describe("an event with a valid signature", () => {
  let context: TestContext;
  let ingress: TestServer;

  before(async () => {
    context = await createTestContext();
    ingress = await startReadyServer(context.nats);
  });
  after(async () => {
    await ingress.close();
    await context.close();
  });

  async function lastStored(): Promise<Awaited<ReturnType<TestContext["stored"]>>[number]> {
    const last = (await context.stored()).at(-1);
    if (last === undefined) throw new Error("nothing is stored");
    return last;
  }

  it("is stored, and the response has its id", async () => {
    const id = eventId();
    const { status, headers, body } = await ingress.post(event({ id }));
    expect(status).to.equal(200);
    expect(headers.get("content-type")).to.match(/^application\/json/);
    expect(body).to.deep.equal({ received: true, event_id: id, duplicate: false });
    expect((await lastStored()).body.toString()).to.contain(id);
  });

  it("is reported as a duplicate when it is sent again, and is stored once", async () => {
    const id = eventId();
    const body = event({ id });
    await ingress.post(body);
    const before = (await context.stored()).length;
    const again = await ingress.post(body);
    expect(again.status).to.equal(200);
    expect(again.body).to.deep.equal({ received: true, event_id: id, duplicate: true });
    expect(await context.stored()).to.have.length(before);
  });

  it("is stored again when it is sent again after it was purged", async () => {
    const id = eventId();
    await ingress.post(event({ id }));
    await context.admin.jetstreamManager().then(({ streams }) => streams.purge(stream.name));
    await eventually("a response for a new copy", async () => {
      const again = await ingress.post(event({ id }));
      expect(again.body).to.deep.equal({ received: true, event_id: id, duplicate: true });
      return (await context.stored()).length === 1;
    });
  });

  it("is stored once when it is sent many times at once", async () => {
    const body = event();
    const before = (await context.stored()).length;
    const answers = await Promise.all(Array.from({ length: 40 }, () => ingress.post(body)));
    const stored = answers.filter(({ status, body: said }) => status === 200 && said["duplicate"] === false);
    expect(stored).to.have.length(1);
    expect(answers.every(({ status }) => status === 200 || status === 503)).to.equal(true);
    expect(await context.stored()).to.have.length(before + 1);
  });

  it("is stored whatever its type, for every type that was ever recorded", async () => {
    const before = (await context.stored()).length;
    const events = recordedEvents();
    const answers = await Promise.all(events.map(({ body }) => ingress.post(body)));
    expect(answers.map(({ status }) => status)).to.deep.equal(events.map(() => 200));
    const subjects = (await context.stored()).slice(before).map(({ subject }) => subject);
    expect(subjects.toSorted()).to.deep.equal(events.map(({ type }) => `stripe.events.${type}`).toSorted());
  });

  it("is stored when its type is unknown, so that Stripe does not disable the endpoint", async () => {
    const { status } = await ingress.post(event({ type: "invented.by_nobody.yet" }));
    expect(status).to.equal(200);
    expect((await lastStored()).subject).to.equal("stripe.events.invented.by_nobody.yet");
  });

  for (const type of [
    "v1.payment_intent.succeeded",
    "v2.core.event_destination.ping",
    "v2.core.health.event_generation_failure.resolved",
  ]) {
    it(`is stored when it is thin: ${type}`, async () => {
      const body = JSON.stringify({
        id: eventId(),
        object: "v2.core.event",
        type,
        created: "2026-09-30T12:00:00.000Z",
        livemode: false,
        related_object: { id: "pi_1", type: "payment_intent", url: "/v1/payment_intents/pi_1" },
      });
      expect((await ingress.post(body)).status).to.equal(200);
      expect((await lastStored()).body.toString()).to.equal(body);
    });
  }

  it("is stored when it has nothing but an id and a type", async () => {
    const body = JSON.stringify({ id: eventId(), type: "payment_intent.succeeded" });
    expect((await ingress.post(body)).status).to.equal(200);
  });

  it("is stored when its type is very long", async () => {
    const type = `a.${"b".repeat(10_000)}`;
    const body = event({ type });
    expect((await ingress.post(body)).status).to.equal(200);
    const stored = await lastStored();
    expect(stored.body.toString()).to.equal(body);
    expect(stored.subject).to.match(/^stripe\.events\.sha256\.[0-9a-f]{64}$/);
  });

  it("is stored when its id has 250 characters after the prefix", async () => {
    const id = `evt_${"x".repeat(250)}`;
    expect((await ingress.post(event({ id }))).body["event_id"]).to.equal(id);
  });

  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=latin1",
  ]) {
    it(`is stored when the content type is ${type}`, async () => {
      const answer = await ingress.post(event(), { headers: { "content-type": type } });
      expect(answer.status).to.equal(200);
    });
  }

  it("is stored byte for byte, with odd spacing, escapes and key order: not parsed before it is verified", async () => {
    const id = eventId();
    const body = `\r\n {"type" :\t"invoice.paid",  "note":"caf\\u00e9 \\ud83d\\ude00 \\/","big":12345678901234567890,\n"id":"${id}" ,"n":1.0e+2}\n\n`;
    expect((await ingress.post(body)).status).to.equal(200);
    expect((await lastStored()).body.equals(Buffer.from(body))).to.equal(true);
  });

  it("is refused when the body was parsed and serialized again on its way", async () => {
    const body = `{ "id": "${eventId()}", "type": "invoice.paid", "note": "caf\\u00e9" }`;
    const rewritten = JSON.stringify(JSON.parse(body));
    expect((await ingress.post(rewritten, { signature: signed(body) })).status).to.equal(400);
  });

  it("is stored without its signature, so that its age does not matter later", async () => {
    await ingress.post(event());
    const { headers } = await lastStored();
    const names = [...headers.keys()].map((name) => name.toLowerCase());
    expect(names).to.have.members(["nats-msg-id", "nats-expected-stream"]);
  });

  it("is at most a duplicate when the client disconnected after it was stored and sends it again", async () => {
    const body = event();
    const going = new AbortController();
    const before = (await context.stored()).length;
    const lost = fetch(`${ingress.url}/webhooks/stripe`, {
      method: "POST",
      body,
      headers: { "stripe-signature": signed(body) },
      signal: going.signal,
    });
    setImmediate(() => going.abort());
    await lost.catch(() => undefined);
    expect((await ingress.post(body)).status).to.equal(200);
    expect(await context.stored()).to.have.length(before + 1);
  });
});

describe("the server's memory of event ids", () => {
  it("ends with its window: then the event is stored again and is not a duplicate", async () => {
    await using context = await createTestContext();
    await context.recreateStreamWith({ duplicate_window: 100_000_000 });
    await using ingress = await startReadyServer(context.nats);
    const body = event();
    await ingress.post(body);
    let answer = await ingress.post(body);
    const deadline = Date.now() + 5_000;
    while (answer.body["duplicate"] === true && Date.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
      answer = await ingress.post(body);
    }
    expect(answer.body).to.include({ received: true, duplicate: false });
    expect((await context.stored()).length).to.be.at.least(2);
  });
});
