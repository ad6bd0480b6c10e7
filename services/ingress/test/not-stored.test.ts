import { setTimeout as delay } from "node:timers/promises";
import type { EventPublisher } from "@takings/nats";
import { eventually } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createAdmission } from "../src/admission.ts";
import { type Answer, event, eventOfBytes } from "./post-webhook.ts";
import { startTestServer, startReadyServer, type TestServer } from "./test-server.ts";
import { createTestContext } from "./test-context.ts";

function expectRefusal(answer: Answer): void {
  expect(answer.status).to.equal(503);
  expect(Number(answer.headers.get("retry-after"))).to.be.greaterThan(0);
  expect(answer.headers.get("content-type")).to.match(/^application\/problem\+json/);
  expect(answer.body).to.include({ status: 503, title: "Service Unavailable" });
  expect(JSON.stringify(answer.body)).not.to.match(/nats|stream|connection|STRIPE_EVENTS/i);
}

async function untilStored(ingress: TestServer): Promise<void> {
  await eventually("an event to be stored", async () => (await ingress.post(event())).status === 200);
}

describe("an event that is not confirmed as stored gets 503 with Retry-After", () => {
  it("when NATS was never reachable, until it is", async () => {
    await using context = await createTestContext();
    await context.nats.stop();
    await using ingress = await startTestServer(context.nats);
    expectRefusal(await ingress.post(event()));
    await context.nats.start();
    await untilStored(ingress);
  });

  it("when NATS was killed, within a second, until it is back", async () => {
    await using context = await createTestContext();
    await using ingress = await startReadyServer(context.nats);
    await untilStored(ingress);
    await context.nats.kill();
    const started = performance.now();
    expectRefusal(await ingress.post(event()));
    expect(performance.now() - started).to.be.below(1_000);
    await context.nats.start();
    await untilStored(ingress);
  });

  it("when NATS hangs, within the deadline, with a bounded number of requests in memory, until it continues", async () => {
    await using context = await createTestContext();
    await using ingress = await startReadyServer(context.nats, {
      ackTimeoutMs: 1_000,
      admission: createAdmission({ requests: 5, bytes: 64_000_000 }),
    });
    await context.nats.pause();
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 30 }, () => ingress.post(event())));
    expect(performance.now() - started).to.be.below(5_000);
    for (const answer of answers) expectRefusal(answer);
    expect(await ingress.outcomes()).to.deep.equal({ unavailable: 5, overloaded: 25 });
    context.nats.resume();
    await untilStored(ingress);
  });

  it("when storing never ends, by the deadline of the request", async () => {
    await using context = await createTestContext();
    const publisher: EventPublisher = { publish: () => new Promise(() => {}) };
    await using ingress = await startReadyServer(context.nats, { publisher, deadlineMs: 300 });
    const started = performance.now();
    expectRefusal(await ingress.post(event()));
    expect(performance.now() - started).to.be.within(290, 3_000);
  });

  it("when the stream is missing, until it is created", async () => {
    await using context = await createTestContext();
    await using ingress = await startReadyServer(context.nats);
    await context.deleteStream();
    expectRefusal(await ingress.post(event()));
    await context.createStream();
    await untilStored(ingress);
  });

  it("when another stream captures its subject", async () => {
    await using context = await createTestContext();
    await using ingress = await startReadyServer(context.nats);
    await context.deleteStream();
    const manager = await context.admin.jetstreamManager();
    await manager.streams.add({ name: "ANOTHER", subjects: [stream.subjects] });
    expectRefusal(await ingress.post(event()));
    expect((await manager.streams.info("ANOTHER")).state.messages).to.equal(0);
  });

  it("when the stream is full: nothing older is discarded, and what was confirmed can be read", async () => {
    await using context = await createTestContext();
    await context.recreateStreamWith({ max_bytes: 100_000 });
    await using ingress = await startReadyServer(context.nats);
    const confirmed: string[] = [];
    let answer: Answer;
    for (;;) {
      const body = eventOfBytes(9_000);
      answer = await ingress.post(body);
      if (answer.status !== 200) break;
      confirmed.push(body);
    }
    expectRefusal(answer);
    expect(confirmed).to.have.length.within(8, 11);
    expect((await context.stored()).map(({ body }) => body.toString())).to.deep.equal(confirmed);
  });

  it("when the server's storage limit is reached", async () => {
    await using context = await createTestContext({ maxFileStoreBytes: 2_000_000, bare: true });
    await context.createStream().catch(() => undefined);
    const manager = await context.admin.jetstreamManager();
    await manager.streams.add({ name: stream.name, subjects: [stream.subjects], discard: "new" as never });
    await using ingress = await startReadyServer(context.nats);
    let confirmed = 0;
    let answer = await ingress.post(eventOfBytes(200_000));
    for (; answer.status === 200 && confirmed < 20; confirmed += 1) {
      answer = await ingress.post(eventOfBytes(200_000));
    }
    expectRefusal(answer);
    expect(await context.stored()).to.have.length(confirmed);
  });

  it("when as many requests as allowed are being stored already, without waiting in a queue", async () => {
    await using context = await createTestContext();
    const stuck = Promise.withResolvers<{ duplicate: boolean }>();
    const publisher: EventPublisher = { publish: () => stuck.promise };
    const admission = createAdmission({ requests: 1, bytes: 1_000_000 });
    await using ingress = await startReadyServer(context.nats, { publisher, admission });
    const first = ingress.post(event());
    await eventually("the bound to be reached", () => !admission.admits(0));
    expectRefusal(await ingress.post(event()));
    stuck.resolve({ duplicate: false });
    expect((await first).status).to.equal(200);
    await untilStored(ingress);
  });

  it("when the bodies held at one time would be too many bytes", async () => {
    await using context = await createTestContext();
    const admission = createAdmission({ requests: 10, bytes: 10_000 });
    await using ingress = await startReadyServer(context.nats, { admission });
    expect((await ingress.post(eventOfBytes(9_000))).status).to.equal(200);
    expectRefusal(await ingress.post(eventOfBytes(11_000)));
    expect((await ingress.post(eventOfBytes(9_000))).status).to.equal(200);
  });

  it("when the same event is being stored at the same time, or it is a duplicate of that", async () => {
    await using context = await createTestContext();
    await using ingress = await startReadyServer(context.nats);
    const body = event();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ingress.post(body)));
    const fresh = answers.filter(({ body: said }) => said["duplicate"] === false);
    expect(fresh).to.have.length(1);
    for (const answer of answers) {
      if (answer.status === 200) continue;
      expectRefusal(answer);
    }
    expect(await context.stored()).to.have.length(1);
  });

  it("responds to an internal error with 500 that reveals nothing about it", async () => {
    await using context = await createTestContext();
    const publisher: EventPublisher = { publish: () => Promise.reject(new Error("a secret detail")) };
    await using ingress = await startReadyServer(context.nats, { publisher });
    const answer = await ingress.post(event());
    expect(answer.status).to.equal(500);
    expect(answer.body).to.deep.equal({ type: "about:blank", title: "Internal Server Error", status: 500 });
  });

  it("when NATS comes and goes under load, and what got 200 is never lost", async function () {
    this.timeout(30_000);
    await using context = await createTestContext();
    await using ingress = await startReadyServer(context.nats, { ackTimeoutMs: 1_000 });
    const confirmed = new Set<string>();
    const over = new AbortController();
    const senders = Array.from({ length: 8 }, async () => {
      while (!over.signal.aborted) {
        const answer = await ingress.post(event());
        if (answer.status === 200) confirmed.add(String(answer.body["event_id"]));
        else await delay(5);
      }
    });
    for (const round of [1, 2]) {
      await eventually("some events to be stored", () => confirmed.size > round * 60);
      await context.nats.kill();
      await context.nats.start();
    }
    await eventually("some more", () => confirmed.size > 240);
    over.abort();
    await Promise.all(senders);
    await eventually("the stream to respond", () => context.stored());
    const stored = new Set(
      (await context.stored()).map(({ body }) => JSON.parse(body.toString()).id as string),
    );
    expect([...confirmed].filter((id) => !stored.has(id))).to.deep.equal([]);
  });
});
