import { createPaymentService, deriveLedger } from "@takings/domain";
import { ledgerTypes, readEnvelope, toEventRecord } from "@takings/wire";
import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";

// FUZZ_CASES sets the number of cases; the default keeps the test run short.
const cases = Number(process.env["FUZZ_CASES"] ?? 1_000);
const payments = createPaymentService(() => "acct_own");
const receivedAt = new Date("2026-06-01T00:00:00Z");

/** JSON text of values that an amount, an id or a time may have, and of many that they must not have. */
const oddValue = fc.oneof(
  fc.constantFrom(
    "0",
    "1",
    "100",
    "-1",
    "-0",
    "1.5",
    "1e3",
    "1e400",
    "9007199254740993",
    "9223372036854775807",
  ),
  fc.constantFrom(
    "9223372036854775808",
    "null",
    "true",
    "false",
    '""',
    '"100"',
    "[]",
    "{}",
    '"usd"',
    '"USD"',
  ),
  fc.constantFrom('"pi_1"', '"ch_1"', '"a b"', '"\\u0000"', '"\\ud800"', "1714979289", "253402300800", "[1]"),
  fc.constantFrom(
    '{"id":"pi_2"}',
    '{"data":[{"id":"re_1","amount":1}]}',
    '{"__proto__":{"id":"x"}}',
    '"failed"',
  ),
  fc.json({ maxDepth: 3 }),
);
const facts =
  "id amount amount_received amount_captured amount_refunded captured currency created status reason";
const others =
  "payment_intent charge refunds balance_transactions source_transfer __proto__ constructor toString";
const names = `${facts} ${others}`.split(" ");
const members = (among: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom(...among), oddValue), { maxLength: 5 })
    .map((all) => all.map(([name, value]) => `"${name}":${value}`).join(","));

/** The text of an event in which any field may be malformed, duplicated or missing. */
const oddEvent = fc
  .record({
    id: fc.oneof({ weight: 6, arbitrary: fc.constant('"evt_1"') }, oddValue),
    type: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...ledgerTypes).map((t) => `"${t}"`) }, oddValue),
    created: fc.oneof({ weight: 6, arbitrary: fc.constant("1714979289") }, oddValue),
    livemode: fc.oneof({ weight: 6, arbitrary: fc.constant("true") }, oddValue),
    plain: fc.constantFrom(
      '"id":"x_1","amount_received":5,"amount":5,"amount_captured":5,"captured":true,"currency":"usd","created":1714979289',
      "",
    ),
    object: members(names),
    around: members(["account", "context", "api_version", "data", "related_object", "__proto__", "x"]),
  })
  .map(({ id, type, created, livemode, plain, object, around }) => {
    const inner = [plain, object].filter((part) => part !== "").join(",");
    const outer = around === "" ? "" : `${around},`;
    return `{"id":${id},"type":${type},"created":${created},"livemode":${livemode},${outer}"data":{"object":{${inner}}}}`;
  });

const cutOrFlipped = fc
  .tuple(oddEvent, fc.nat(), fc.nat(255), fc.boolean())
  .map(([text, where, byte, isCut]) => {
    const body = Buffer.from(text);
    const index = where % body.length;
    if (isCut) return body.subarray(0, index);
    body[index] = byte;
    return body;
  });
const anyBody = fc.oneof(
  { weight: 5, arbitrary: oddEvent.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: cutOrFlipped },
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.nat(20_000).map((depth) => Buffer.from(`{"id":"evt_1","type":"x","data":${"[".repeat(depth)}`)),
  fc
    .nat(3_000)
    .map((depth) => Buffer.from(`{"id":"evt_1","type":"x","y":${"[".repeat(depth)}${"]".repeat(depth)}}`)),
);

const largest = 2n ** 63n - 1n;

describe("Arbitrary bodies", () => {
  it(`are interpreted or quarantined whole, in ${cases} cases, without any exception`, function () {
    this.timeout(600_000);
    const seen = { processed: 0, quarantined: 0, entries: 0 };
    fc.assert(
      fc.property(anyBody, (body) => {
        const envelope = readEnvelope(body);
        const record = toEventRecord({ source: "default", body, receivedAt }, payments);
        expect(record.payload).to.equal(body);
        // The consumer records an event under the same id as ingress.
        if (envelope !== undefined)
          expect([record.eventId, record.type]).to.deep.equal([envelope.id, envelope.type]);
        expect(record.status === "quarantined").to.equal(record.reason !== null);
        if (record.status === "quarantined") expect(record.facts).to.equal(undefined);
        const { entries, gaps } = deriveLedger(record.facts === undefined ? [] : [record.facts]);
        for (const { amount, currency, objectId } of [...entries, ...gaps]) {
          expect(amount !== 0n && amount >= -largest && amount <= largest).to.equal(true);
          expect(currency).to.match(/^[a-z]{3}$/);
          expect(objectId).to.match(/^\S+$/);
        }
        for (const { occurredAt } of entries) expect(Number.isFinite(occurredAt.getTime())).to.equal(true);
        expect(toEventRecord({ source: "default", body, receivedAt }, payments)).to.deep.equal(record);
        seen[record.status] += 1;
        seen.entries += entries.length;
      }),
      { numRuns: cases },
    );
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
    // Each outcome occurred often enough to count as tested.
    for (const count of Object.values(seen)) expect(count).to.be.above(cases / 50);
  });
});
