import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { createHmac } from "node:crypto";
import { testSecret } from "@takings/simulator";
import { event, hmac, now, signed } from "./post-webhook.ts";
import { connectRaw, requestHead } from "./raw-client.ts";
import { fixedSecrets, startReadyServer, type TestServer } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";
import { verifySignature } from "../src/verify-signature.ts";

describe("the signature of a webhook", () => {
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

  async function statusFor(signature: string | null, body = event()): Promise<number> {
    return (await ingress.post(body, { signature })).status;
  }

  const refused: readonly (readonly [string, (body: string) => string | null])[] = [
    ["is missing", () => null],
    ["is empty", () => ""],
    ["is over another body", () => signed("{}")],
    ["is made with another secret", (body) => signed(body, { secret: "whsec_other" })],
    ["is made with an empty secret", (body) => signed(body, { secret: "" })],
    ["is 301 s old", (body) => signed(body, { at: now() - 301 })],
    ["is 310 s ahead", (body) => signed(body, { at: now() + 310 })],
    ["is a day ahead", (body) => signed(body, { at: now() + 86_400 })],
    ["has only the test scheme v0: no downgrade", (body) => signed(body).replace("v1=", "v0=")],
    ["has no time", (body) => `v1=${hmac(body)}`],
    ["has no signature", () => `t=${now()}`],
    ["has two times", (body) => `t=${now() - 9_000},${signed(body)}`],
    ["has its right time a second time", (body) => `t=${now()},${signed(body)}`],
    ["has a time that is no number", (body) => signed(body).replace(/t=\d+/, "t=soon")],
    ["has a negative time", (body) => signed(body).replace("t=", "t=-")],
    ["has a fractional time", (body) => signed(body).replace(/t=(\d+)/, "t=$1.5")],
    ["is cut short", (body) => signed(body).slice(0, -2)],
    ["is in capitals", (body) => `t=${now()},v1=${hmac(body).toUpperCase()}`],
    ["is over the body without the time", (body) => `t=${now()},v1=${unsalted(body)}`],
    ["stands among a hundred others", (body) => `${signed(body)}${`,v1=${hmac("x")}`.repeat(99)}`],
    ["comes in a header of 20 kB", (body) => `${signed(body)},v1=${"0".repeat(20_000)}`],
  ];
  for (const [how, signature] of refused) {
    it(`is refused when it ${how}`, async () => {
      const body = event();
      const answer = await ingress.post(body, { signature: signature(body) });
      expect(answer.status).to.equal(400);
      expect(answer.headers.get("content-type")).to.match(/^application\/problem\+json/);
      expect(answer.body).to.include({ status: 400, title: "Bad Request" });
      expect((await context.stored()).map(({ body: stored }) => stored.toString())).not.to.include(body);
    });
  }

  const accepted: readonly (readonly [string, (body: string) => string])[] = [
    ["is 290 s old", (body) => signed(body, { at: now() - 290 })],
    ["is 299 s ahead", (body) => signed(body, { at: now() + 299 })],
    ["stands after a wrong one", (body) => `t=${now()},v1=${hmac("x")},v1=${hmac(body)}`],
    ["stands before a wrong one", (body) => `${signed(body)},v1=${hmac("x")}`],
    ["stands beside one of the test scheme", (body) => `${signed(body)},v0=${hmac("x")}`],
    ["stands beside one of a scheme yet to come", (body) => `${signed(body)},v2=abc`],
    ["stands before the time", (body) => `v1=${hmac(body)},t=${now()}`],
    ["is one of twelve", (body) => `t=${now()}${`,v1=${hmac("x")}`.repeat(11)},v1=${hmac(body)}`],
  ];
  for (const [how, signature] of accepted) {
    it(`is accepted when it ${how}`, async () => {
      const body = event();
      expect(await statusFor(signature(body), body)).to.equal(200);
    });
  }

  it("is refused when there are two headers and the first is invalid", async () => {
    const body = event();
    const head = requestHead({ "content-length": String(Buffer.byteLength(body)), connection: "close" });
    const two = `stripe-signature: t=1,v1=00\r\nstripe-signature: ${signed(body)}\r\n\r\n`;
    const client = await connectRaw(ingress.port, head.replace("\r\n\r\n", `\r\n${two}`), body);
    expect(await client.closed).to.match(/^HTTP\/1\.1 400 /);
  });

  it("never verifies garbage and never breaks the service", async function () {
    this.timeout(30_000);
    const body = event();
    const parts = fc.oneof(
      fc.constantFrom("t=", "v1=", "v0=", ",", "=", ";", " ", `t=${now()}`, "t=1e9", "v1=0x", "\t"),
      fc.string({ unit: "grapheme-ascii", maxLength: 12 }),
      fc.stringMatching(/^[0-9a-f]{64}$/),
    );
    const garbage = fc.array(parts, { maxLength: 12 }).map((some) => some.join("").trim());
    await fc.assert(
      fc.asyncProperty(garbage, async (header) => {
        expect(await statusFor(header, body)).to.equal(400);
      }),
      { numRuns: 300 },
    );
    expect(await statusFor(signed(body), body)).to.equal(200);
  });

  it("is refused without the reason in the response", async () => {
    const body = event();
    const reasons = [signed(body, { at: 1 }), signed("{}"), null, "nonsense"];
    const answers = await Promise.all(reasons.map((signature) => ingress.post(body, { signature })));
    expect(new Set(answers.map(({ body: said }) => JSON.stringify(said))).size).to.equal(1);
  });
});

describe("the age of a signature", () => {
  const body = Buffer.from(event());
  const signedAt = 1_700_000_000;
  const secrets = fixedSecrets(testSecret)();
  const ageVerdicts = [
    { seconds: 301, valid: false },
    { seconds: 300, valid: true },
    { seconds: 299, valid: true },
    { seconds: -299, valid: true },
    { seconds: -300, valid: true },
    { seconds: -301, valid: false },
  ];
  for (const { seconds, valid } of ageVerdicts) {
    it(`${valid ? "may" : "may not"} be ${seconds} s`, () => {
      const header = signed(body, { at: signedAt });
      const verdict = verifySignature(body, header, secrets, (signedAt + seconds) * 1_000);
      expect(verdict.valid).to.equal(valid);
    });
  }
});

function unsalted(body: string): string {
  return createHmac("sha256", testSecret).update(body).digest("hex");
}
