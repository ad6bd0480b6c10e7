import type { EventPublisher } from "@takings/nats";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createAdmission, type Reservation } from "../src/admission.ts";
import { event, eventOfBytes, signed } from "./post-webhook.ts";
import { connectRaw, requestHead } from "./raw-client.ts";
import { startReadyServer } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

const headOf = (body: string): string =>
  requestHead({ "content-length": String(Buffer.byteLength(body)), "stripe-signature": signed(body) });

describe("the memory for bodies", () => {
  let context: TestContext;
  before(async () => {
    context = await createTestContext();
  });
  after(() => context.close());

  it("is reserved while an event is being stored, also when its client has disconnected", async () => {
    const stored = Promise.withResolvers<{ duplicate: boolean }>();
    const publisher: EventPublisher = { publish: () => stored.promise };
    const admission = createAdmission({ requests: 10, bytes: 10_000 });
    await using ingress = await startReadyServer(context.nats, { publisher, admission });
    const body = eventOfBytes(9_000);
    {
      await using client = await connectRaw(ingress.port, headOf(body), body);
      await eventually("the memory to be taken", () => !admission.admits(2_000));
      expect(client.received()).to.equal("");
    }
    await eventually("the end of the request", async () => (await ingress.outcomes())["bad_request"] === 1);
    expect((await ingress.post(eventOfBytes(2_000))).status).to.equal(503);
    expect(await ingress.outcomes()).to.include({ overloaded: 1 });
    stored.resolve({ duplicate: false });
    await eventually("the memory to be free", () => admission.admits(10_000));
  });

  it("is released once the response is sent", async () => {
    const admission = createAdmission({ requests: 1, bytes: 10_000 });
    await using ingress = await startReadyServer(context.nats, { admission });
    expect((await ingress.post(event())).status).to.equal(200);
    await eventually("the memory to be free", () => admission.admits(10_000));
  });

  it("is not reserved by clients that announce bodies and do not send them", async () => {
    const admission = createAdmission({ requests: 10, bytes: 10_000 });
    await using ingress = await startReadyServer(context.nats, { admission });
    const idle = Array.from({ length: 30 }, () => connectRaw(ingress.port, headOf(eventOfBytes(9_000))));
    const clients = await Promise.all(idle);
    expect((await ingress.post(eventOfBytes(9_000))).status).to.equal(200);
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  it("is taken from the body that has been arriving longest when another needs it", async () => {
    const admission = createAdmission({ requests: 10, bytes: 10_000 });
    await using ingress = await startReadyServer(context.nats, { admission });
    const body = eventOfBytes(9_000);
    await using slow = await connectRaw(ingress.port, headOf(body), body.slice(0, 8_000));
    await eventually("a request in progress", () => slow.socket.bytesWritten > 8_000);
    expect((await ingress.post(body)).status).to.equal(200);
    await eventually("the refusal", () => slow.received().startsWith("HTTP/1.1 503 "));
    expect(slow.received()).to.match(/^retry-after: /im);
  });

  it("does not keep a signed event out when clients send half of large bodies and stop, again and again", async () => {
    const admission = createAdmission({ requests: 10, bytes: 1_000_000 });
    await using ingress = await startReadyServer(context.nats, { admission });
    const half = "x".repeat(300_000);
    const head = requestHead({ "content-length": "500000", "stripe-signature": signed(half) });
    for (let round = 0; round < 3; round += 1) {
      const clients = await Promise.all(
        Array.from({ length: 8 }, () => connectRaw(ingress.port, head, half)),
      );
      expect((await ingress.post(eventOfBytes(300_000))).status).to.equal(200);
      for (const client of clients) await client[Symbol.asyncDispose]();
    }
  });

  it("is not taken from a body that is complete", async () => {
    const stored = Promise.withResolvers<{ duplicate: boolean }>();
    const publisher: EventPublisher = { publish: () => stored.promise };
    const admission = createAdmission({ requests: 10, bytes: 10_000 });
    await using ingress = await startReadyServer(context.nats, { publisher, admission });
    const complete = ingress.post(eventOfBytes(6_000));
    await eventually("the memory to be taken", () => !admission.admits(5_000));
    await using late = await connectRaw(
      ingress.port,
      requestHead({ "transfer-encoding": "chunked" }),
      `1388\r\n${"x".repeat(5_000)}\r\n`,
    );
    await eventually("the refusal", () => late.received().startsWith("HTTP/1.1 503 "));
    stored.resolve({ duplicate: false });
    expect((await complete).status).to.equal(200);
  });

  it("is released when the signature is bad, also when the client does not read the response", async () => {
    const admission = createAdmission({ requests: 1, bytes: 600_000 });
    await using ingress = await startReadyServer(context.nats, { admission });
    const body = "x".repeat(500_000);
    const head = requestHead({ "content-length": "500000", "stripe-signature": signed("other") });
    await using client = await connectRaw(ingress.port);
    client.socket.pause();
    for (let n = 0; n < 3; n += 1) client.socket.write(`${head}${body}`);
    const refused = async (): Promise<boolean> => ((await ingress.outcomes())["bad_signature"] ?? 0) > 0;
    await eventually("a refusal", refused);
    expect((await ingress.post(event())).status).to.equal(200);
  });

  it("gives one client a quarter, beyond which its own bodies give way", async () => {
    const admission = createAdmission({ requests: 10, bytes: 100_000 });
    await using ingress = await startReadyServer(context.nats, { admission });
    const body = eventOfBytes(20_000);
    const headFrom = (address: string): string =>
      headOf(body).replace("\r\n", `\r\nx-forwarded-for: ${address}\r\n`);
    await using other = await connectRaw(ingress.port, headFrom("192.0.2.2"), body.slice(0, 19_000));
    await using first = await connectRaw(ingress.port, headFrom("192.0.2.1"), body.slice(0, 19_000));
    await eventually("both requests", () => first.socket.bytesWritten > 19_000);
    await using second = await connectRaw(ingress.port, headFrom("192.0.2.1"), body.slice(0, 19_000));
    await eventually("the refusal", () => first.received().startsWith("HTTP/1.1 503 "));
    for (const client of [other, second]) {
      client.socket.write(body.slice(19_000));
      await eventually("200", () => client.received().startsWith("HTTP/1.1 200 "));
    }
  });

  it("is not reserved for long by a body that arrives slowly", async () => {
    const admission = createAdmission({ requests: 10, bytes: 10_000 });
    // What is left of an incomplete body would give way to others unnoticed: only the release itself shows.
    const held = new Set<Reservation>();
    const open = (client: string | undefined): Reservation => {
      const reservation = admission.open(client);
      held.add(reservation);
      const release = (): void => {
        held.delete(reservation);
        reservation.release();
      };
      return { ...reservation, release };
    };
    const overrides = { admission: { ...admission, open }, bodyTimeoutMs: 300 };
    await using ingress = await startReadyServer(context.nats, overrides);
    const body = eventOfBytes(9_000);
    await using client = await connectRaw(ingress.port, headOf(body), body.slice(0, 8_000));
    await eventually("memory to be reserved", () => held.size === 1);
    await eventually("the refusal", () => client.received().startsWith("HTTP/1.1 408 "));
    await eventually("the memory to be free", () => held.size === 0);
    expect(client.socket.destroyed).to.equal(false);
  });
});
