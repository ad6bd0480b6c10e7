import { gzipSync } from "node:zlib";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { event, eventId, eventOfBytes, signed } from "./post-webhook.ts";
import { connectRaw, requestHead } from "./raw-client.ts";
import { maxBodyBytes, startReadyServer, type TestServer } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

let context: TestContext;
let ingress: TestServer;

/** Sends a body in chunks without a content length. */
async function postChunked(body: string, chunkLength = 40_000): Promise<string> {
  const head = requestHead({
    "transfer-encoding": "chunked",
    "stripe-signature": signed(body),
    connection: "close",
  });
  const chunks = body.match(new RegExp(`[^]{1,${chunkLength}}`, "g")) ?? [];
  const coded = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
  const client = await connectRaw(ingress.port, head, ...coded, "0\r\n\r\n");
  return client.closed;
}

function deepEvent(): string {
  return event({ deep: 0 }).replace('"deep":0', `"deep":${"[".repeat(200_000)}${"]".repeat(200_000)}`);
}

describe("the body of a webhook", () => {
  before(async () => {
    context = await createTestContext();
    ingress = await startReadyServer(context.nats);
  });
  after(async () => {
    await ingress.close();
    await context.close();
  });

  const notEvents: readonly (readonly [string, string | Buffer])[] = [
    ["is empty", ""],
    ["is not JSON", "{"],
    ["is null", "null"],
    ["is a number", "1"],
    ["is a string", '"evt_1"'],
    ["is an array", `[${event()}]`],
    ["is an empty object", "{}"],
    ["has no id", event({ id: undefined })],
    ["has an id that is no text", event({ id: 7 })],
    ["has an id without the prefix", event({ id: "ch_1" })],
    ["has nothing after the id's prefix", event({ id: "evt_" })],
    ["has an id of 251 characters after the prefix", event({ id: `evt_${"x".repeat(251)}` })],
    ["has white space in its id", event({ id: "evt_a b" })],
    ["has a line break after its id", event({ id: "evt_a\n" })],
    ["has a header hidden in its id", event({ id: "evt_a\r\nNats-Rollup: all" })],
    ["has an id in other letters", event({ id: "evt_é" })],
    ["has no type", event({ type: undefined })],
    ["has an empty type", event({ type: "" })],
    ["has a type that is no text", event({ type: ["a"] })],
    ["has a space in its type", event({ type: "a b" })],
    ["has a line break in its type", event({ type: "a\r\nPUB x 0" })],
    ["has a wildcard in its type", event({ type: "a.*" })],
    ["has a wildcard for the rest in its type", event({ type: "a.>" })],
    ["has an empty token within its type", event({ type: "a..b" })],
    ["has an empty token before its type", event({ type: ".a" })],
    ["has an empty token after its type", event({ type: "a." })],
    ["begins with a byte order mark", `\uFEFF${event()}`],
    ["is not UTF-8", Buffer.concat([Buffer.from(event()).subarray(0, -1), Buffer.from([0xff, 0x7d])])],
    ["is UTF-16", Buffer.from(event(), "utf16le")],
  ];
  for (const [how, body] of notEvents) {
    it(`is refused when it ${how}, although the signature is valid`, async () => {
      const before = (await context.stored()).length;
      const answer = await ingress.post(body);
      expect(answer.status).to.equal(400);
      expect(answer.headers.get("content-type")).to.match(/^application\/problem\+json/);
      expect(await context.stored()).to.have.length(before);
    });
  }

  it("does not break the service with a NUL in its type: it is stored or refused, and the next one is stored", async () => {
    const { status } = await ingress.post(event({ type: "a\u0000b" }));
    expect(status).to.be.oneOf([200, 400]);
    expect((await ingress.post(event())).status).to.equal(200);
  });

  it("is refused with a plain 400 when there is none and no length either", async () => {
    const client = await connectRaw(ingress.port, requestHead({ connection: "close" }));
    expect(await client.closed).to.match(/^HTTP\/1\.1 400 [^]*application\/problem\+json/);
  });

  it("is not parsed without a valid signature, so the response does not reveal that it is not an event", async () => {
    const { bad_signature: before = 0 } = await ingress.outcomes();
    const answer = await ingress.post("[".repeat(500_000), { signature: signed("another body") });
    expect(answer.status).to.equal(400);
    expect(await ingress.outcomes()).to.include({ bad_signature: before + 1 });
  });

  it("is stored when it is signed, however deeply nested", async () => {
    const body = deepEvent();
    expect((await ingress.post(body)).status).to.equal(200);
    expect((await context.stored()).at(-1)?.body.equals(Buffer.from(body))).to.equal(true);
  });

  // Express's own limit of 100 kB would refuse the second of these.
  for (const bytes of [99_000, 101_000, maxBodyBytes]) {
    it(`is stored when it has ${bytes} bytes`, async () => {
      const body = eventOfBytes(bytes);
      expect((await ingress.post(body)).status).to.equal(200);
      expect((await context.stored()).at(-1)?.body.equals(Buffer.from(body))).to.equal(true);
    });
  }

  for (const bytes of [maxBodyBytes + 1, 900_000, 1_100_000, 8_000_000]) {
    it(`is refused with 413 when it has ${bytes} bytes`, async () => {
      const answer = await ingress.post(eventOfBytes(bytes));
      expect(answer.status).to.equal(413);
      expect(answer.body["detail"]).to.contain("MAX_BODY_BYTES");
    });
  }

  it("is stored when its chunks add up to the limit", async () => {
    expect(await postChunked(eventOfBytes(maxBodyBytes))).to.match(/^HTTP\/1\.1 200 /);
  });

  it("is accepted in chunks of a few hundred bytes", async () => {
    expect(await postChunked(eventOfBytes(100_000), 300)).to.match(/^HTTP\/1\.1 200 /);
  });

  it("is cut off in tiny chunks, which would cost far more memory than is counted", async () => {
    const head = requestHead({ "transfer-encoding": "chunked", "stripe-signature": signed("x") });
    await using client = await connectRaw(ingress.port, head, "1\r\nx\r\n".repeat(20_000));
    expect(await client.closed).to.equal("");
  });

  it("is accepted byte by byte when it is an ordinary event", async () => {
    const body = event();
    const head = requestHead({ "transfer-encoding": "chunked", "stripe-signature": signed(body) });
    const bytes = Array.from(body, (byte) => `1\r\n${byte}\r\n`).join("");
    await using client = await connectRaw(ingress.port, head, `${bytes}0\r\n\r\n`);
    await eventually("a response", () => client.received().startsWith("HTTP/1.1 200 "));
  });

  it("is refused with 413 when its chunks add up to one byte more", async () => {
    expect(await postChunked(eventOfBytes(maxBodyBytes + 1))).to.match(/^HTTP\/1\.1 413 /);
  });

  it("is refused with 413 at once when a huge one is announced and not sent", async () => {
    const head = requestHead({ "content-length": "999999999999", "stripe-signature": signed("x") });
    await using client = await connectRaw(ingress.port, head);
    await eventually("413", () => client.received().startsWith("HTTP/1.1 413 "), 3_000);
  });

  it("is refused with 413 while its chunks still arrive without end", async () => {
    const head = requestHead({ "transfer-encoding": "chunked", "stripe-signature": signed("x") });
    const chunk = `${(64_000).toString(16)}\r\n${"x".repeat(64_000)}\r\n`;
    await using client = await connectRaw(ingress.port, head, chunk.repeat(12));
    await eventually("413", () => client.received().startsWith("HTTP/1.1 413 "), 3_000);
  });

  it("is refused with 415 when it is compressed", async () => {
    const body = gzipSync(event());
    const answer = await ingress.post(body, { headers: { "content-encoding": "gzip" } });
    expect(answer.status).to.equal(415);
    expect(answer.headers.get("content-type")).to.match(/^application\/problem\+json/);
  });

  it("is refused with 415 before 413 when it is both compressed and too large", async () => {
    const answer = await ingress.post(eventOfBytes(maxBodyBytes + 1), {
      headers: { "content-encoding": "br" },
    });
    expect(answer.status).to.equal(415);
  });

  it("is refused with 415 at once when it is compressed and not sent", async () => {
    const head = requestHead({ "content-length": "5000", "content-encoding": "gzip" });
    await using client = await connectRaw(ingress.port, head);
    await eventually("415", () => client.received().startsWith("HTTP/1.1 415 "), 3_000);
  });

  it("is refused with 413 before 400 when it is both too large and not signed", async () => {
    const answer = await ingress.post("x".repeat(maxBodyBytes + 1), { signature: null });
    expect(answer.status).to.equal(413);
  });

  it("is read unchanged with the content encoding identity", async () => {
    const answer = await ingress.post(event(), { headers: { "content-encoding": "identity" } });
    expect(answer.status).to.equal(200);
  });

  it("is not stored when the client disconnects in its middle, and is stored when it is sent again", async () => {
    const id = eventId();
    const body = event({ id });
    const head = requestHead({ "content-length": String(body.length), "stripe-signature": signed(body) });
    {
      await using client = await connectRaw(ingress.port, head, body.slice(0, 40));
      await eventually("the first bytes to be on their way", () => client.socket.bytesWritten > head.length);
    }
    expect((await ingress.post(body)).body).to.deep.equal({ received: true, event_id: id, duplicate: false });
  });
});
