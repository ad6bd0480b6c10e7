import type { EventPublisher } from "@takings/nats";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createAdmission } from "../src/admission.ts";
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

  it("is refused in the middle of a body when none is left, and released", async () => {
    const admission = createAdmission({ requests: 10, bytes: 10_000 });
    await using ingress = await startReadyServer(context.nats, { admission });
    const body = eventOfBytes(9_000);
    await using first = await connectRaw(ingress.port, headOf(body), body.slice(0, 1));
    await using second = await connectRaw(ingress.port, headOf(body), body.slice(0, 1));
    await eventually("both to be let in", () => !admission.admits(9_999));
    first.socket.write(body.slice(1, 6_000));
    await eventually("most of the first", () => !admission.admits(4_500));
    second.socket.write(body.slice(1, 6_000));
    await eventually("a refusal", () => second.received().startsWith("HTTP/1.1 503 "));
    first.socket.write(body.slice(6_000));
    await eventually("the first one to be stored", () => first.received().startsWith("HTTP/1.1 200 "));
  });

  it("is not reserved for long by a body that arrives slowly", async () => {
    const admission = createAdmission({ requests: 10, bytes: 10_000 });
    await using ingress = await startReadyServer(context.nats, { admission, bodyTimeoutMs: 300 });
    const body = eventOfBytes(9_000);
    await using client = await connectRaw(ingress.port, headOf(body), body.slice(0, 8_000));
    await eventually("the refusal", () => client.received().startsWith("HTTP/1.1 408 "));
    await eventually("the memory to be free", () => admission.admits(10_000));
  });
});
