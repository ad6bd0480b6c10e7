import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants, zstdCompressSync } from "node:zlib";
import { expect } from "chai";
import fc from "fast-check";
import { describe, it } from "mocha";
import { createPayloadCodec } from "../src/columns/payload-codec.ts";

const dictionary = readFileSync(new URL("../dictionaries/stripe-events-1.zdict", import.meta.url));

describe("the payload codec", () => {
  const codec = createPayloadCodec();

  async function throughIt(body: Uint8Array): Promise<Buffer> {
    const [stored] = await codec.encode([body]);
    if (stored === undefined) throw new Error("no payload came back");
    return codec.decode(stored);
  }

  it("restores any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 8 }), async (bodies) => {
        const stored = await codec.encode(bodies);
        expect(stored.map((payload) => codec.decode(payload).toString("hex"))).to.deep.equal(
          bodies.map((body) => Buffer.from(body).toString("hex")),
        );
      }),
    );
  });

  it("restores any repetitive text", async () => {
    const text = fc.tuple(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 2_000 }));
    await fc.assert(
      fc.asyncProperty(text, async ([word, times]) => {
        const body = Buffer.from(word.repeat(times));
        expect((await throughIt(body)).equals(body)).to.equal(true);
      }),
    );
  });

  it("restores bodies far larger than a chunk, among small ones", async () => {
    const large = Buffer.concat([randomBytes(400_000), Buffer.alloc(400_000, "takings ")]);
    const bodies = [Buffer.from("{}"), large, Buffer.from('{"a":1}'), large, Buffer.alloc(0)];
    const stored = await codec.encode(bodies);
    expect(
      stored.map((payload, index) => codec.decode(payload).equals(bodies[index] ?? large)),
    ).to.deep.equal(bodies.map(() => true));
  });

  it("keeps the order of a large batch", async () => {
    const bodies = Array.from({ length: 333 }, (_, n) =>
      Buffer.from(`{"object":"event","id":"evt_${n}"}`.repeat(3)),
    );
    const stored = await codec.encode(bodies);
    expect(stored.map((payload) => codec.decode(payload).toString())).to.deep.equal(bodies.map(String));
  });

  it("stores a body that would not shrink as it is", async () => {
    const [stored] = await codec.encode([randomBytes(2_000)]);
    expect(stored?.codec).to.equal(0);
  });

  it("stores a body as it is that is larger than it would decompress", async () => {
    const [stored] = await codec.encode([Buffer.alloc(9 * 1024 * 1024)]);
    expect(stored?.codec).to.equal(0);
  });

  it("compresses the body of an event to less than half", async () => {
    const body = readFileSync(
      new URL("../../../test/fixtures/stripe-events/charge_succeeded.json", import.meta.url),
    );
    const [stored] = await codec.encode([body]);
    expect(stored?.codec).to.equal(1);
    expect(stored?.bytes.byteLength).to.be.lessThan(body.byteLength / 2);
  });

  it("refuses a frame that would become larger than any body", () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024), { dictionary });
    expect(bomb.byteLength).to.be.lessThan(10_000);
    expect(() => codec.decode({ codec: 1, bytes: bomb })).to.throw(/larger than/);
  });

  it("detects any damaged byte", async () => {
    const said = {
      object: "event",
      data: { object: { object: "charge", amount: 1234 } },
      type: "charge.succeeded",
    };
    const [stored] = await codec.encode([Buffer.from(JSON.stringify(said, null, 2))]);
    const bytes = Buffer.from(stored?.bytes ?? []);
    const whole = codec.decode({ codec: 1, bytes });
    for (let at = 0; at < bytes.length; at += 1) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
      const read = attempt(() => codec.decode({ codec: 1, bytes: damaged }));
      expect(read === undefined || read.equals(whole), `byte ${at}`).to.equal(true);
    }
  });

  it("detects a truncated payload, and bytes that are no payload", () => {
    const frame = zstdCompressSync(Buffer.from('{"object":"event"}'.repeat(9)), { dictionary });
    for (const bytes of [frame.subarray(0, -5), Buffer.from("not a frame"), Buffer.alloc(0)]) {
      expect(attempt(() => codec.decode({ codec: 1, bytes }))).to.equal(undefined);
    }
  });

  it("reads a frame whatever its level was", () => {
    const body = Buffer.from('{"object":"event"}');
    for (const level of [1, 9, 19]) {
      const bytes = zstdCompressSync(body, {
        dictionary,
        params: { [constants.ZSTD_c_compressionLevel]: level },
      });
      expect(codec.decode({ codec: 1, bytes }).toString()).to.equal(body.toString());
    }
  });

  it("reports a codec that only a newer version knows", () => {
    expect(() => codec.decode({ codec: 7, bytes: Buffer.from("{}") })).to.throw(/payload_codec 7/);
  });

  function attempt(decode: () => Buffer): Buffer | undefined {
    try {
      return decode();
    } catch {
      return undefined;
    }
  }
});
