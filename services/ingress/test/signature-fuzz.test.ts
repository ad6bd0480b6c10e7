import { isUtf8 } from "node:buffer";
import { createHmac } from "node:crypto";
import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { verifySignature } from "../src/verify-signature.ts";

// FUZZ_CASES sets the number of cases; the default keeps the test run short.
const cases = Number(process.env["FUZZ_CASES"] ?? 1_000);
const now = 1_780_000_000;
const secrets = ["whsec_one", "whsec_two"].map((secret) => ({ secret, fingerprint: secret }));

function hmac(secret: string, time: string, body: Buffer): string {
  return createHmac("sha256", secret).update(`${time}.`).update(body).digest("hex");
}

/** The rule implemented again without stripe's library: one time, close to now, and an HMAC over these bytes. */
function isSigned(body: Buffer, header: string): boolean {
  const items = header.split(",");
  const times = items.filter((item) => item.startsWith("t="));
  const time = /^t=(\d{1,12})$/.exec(times[0] ?? "")?.[1];
  if (header.length > 2_048 || times.length !== 1 || time === undefined) return false;
  if (Math.abs(now - Number(time)) > 300) return false;
  const given = items.map((item) => item.split("=")).filter(([scheme]) => scheme === "v1");
  // An empty one makes the whole header one that Stripe would not send.
  if (given.some(([, value]) => !value)) return false;
  return secrets.some(({ secret }) =>
    given.some(([, value]) => value === hmac(secret, String(Number(time)), body)),
  );
}

const anyBody = fc
  .oneof(fc.json(), fc.string({ unit: "binary", maxLength: 40 }))
  .map((text) => Buffer.from(text))
  // The caller refuses these before.
  .filter((body) => !body.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])));

const nearTime = fc.integer({ min: now - 310, max: now + 310 }).map(String);
const anyTime = fc.oneof(
  { weight: 8, arbitrary: nearTime },
  fc.constantFrom("", "0", "-1", "1e9", "0x1", "NaN", "9".repeat(13), `0${now}`, `${now}.5`, ` ${now}`),
);

/** A header of parts that are mostly valid, so that the ways of being invalid are combined. */
const anyHeader = (body: Buffer): fc.Arbitrary<string> =>
  anyTime.chain((time) => {
    const right = fc.constantFrom("whsec_one", "whsec_two").map((secret) => `v1=${hmac(secret, time, body)}`);
    const wrong = fc.oneof(
      fc.constantFrom("whsec_three", "").map((secret) => `v1=${hmac(secret, time, body)}`),
      right.map((item) => item.toUpperCase()),
      right.map((item) => item.replace("v1", "v0")),
      right.map((item) => item.slice(0, -1)),
      right.map((item) => `${item}=`),
      right.map((item) => ` ${item}`),
      fc.constantFrom(
        "v1=",
        "v1",
        "=",
        "",
        "t=",
        `t=${time}`,
        "v1=0x",
        "v1=\u0000",
        `v1=${"0".repeat(2_000)}`,
      ),
      fc.string({ unit: "binary", maxLength: 12 }),
    );
    const stamp = fc.constant(`t=${time}`);
    return fc
      .tuple(stamp, fc.array(fc.oneof(right, wrong), { maxLength: 6 }))
      .chain(([first, others]) => fc.shuffledSubarray([first, ...others], { minLength: others.length }))
      .map((items) => items.join(","));
  });

describe("the verdict on any header and any body", () => {
  it(`follows the rule, in ${cases} cases, without any exception`, function () {
    this.timeout(600_000);
    const seen = { true: 0, false: 0 };
    const signed = anyBody.chain((body) => fc.tuple(fc.constant(body), anyHeader(body)));
    fc.assert(
      fc.property(signed, ([body, header]) => {
        const { valid } = verifySignature(body, header, secrets, now * 1_000);
        seen[`${valid}`] += 1;
        expect(valid).to.equal(isSigned(body, header));
      }),
      { numRuns: cases },
    );
    // Neither verdict is so rare that the other was hardly tested.
    expect(Math.min(seen.true, seen.false)).to.be.above(cases / 20);
  });

  it("is negative when a single bit of a signed body is changed", () => {
    fc.assert(
      fc.property(anyBody, fc.nat(), fc.nat(7), (body, where, bit) => {
        fc.pre(body.length > 0);
        const header = `t=${now},v1=${hmac("whsec_one", String(now), body)}`;
        const changed = Buffer.from(body);
        const index = where % body.length;
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        fc.pre(isUtf8(changed));
        expect(verifySignature(changed, header, secrets, now * 1_000).valid).to.equal(false);
      }),
      { numRuns: Math.ceil(cases / 10) },
    );
  });
});
