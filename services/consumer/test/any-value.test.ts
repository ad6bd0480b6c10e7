import { readdirSync, readFileSync } from "node:fs";
import { type PositionedRecord, createPaymentService } from "@takings/domain";
import { createPaymentWriter, createPool } from "@takings/postgres";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { toEventRecord, toRefusedRecord } from "@takings/wire";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { type Fallback, createRecorder, type Recorder } from "../src/record-batch.ts";
import { sampleRecord } from "../src/sample-record.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const folder = "test/fixtures/stripe-events";
const recorded = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as { [key: string]: Json });

/** The path of every value in an event, as a list of keys. */
function placesIn(value: Json, path: readonly string[] = []): (readonly string[])[] {
  const inside = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [
    ...(path.length > 0 ? [path] : []),
    ...inside.flatMap(([key, child]) => placesIn(child, [...path, key])),
  ];
}

/** A copy with another value at one path. */
function withValue(value: Json, [key, ...rest]: readonly string[], instead: Json): Json {
  if (key === undefined) return instead;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? withValue(item, rest, instead) : item));
  if (typeof value !== "object" || value === null) return value;
  return { ...value, [key]: withValue(value[key] ?? null, rest, instead) };
}

/** Values that some reader or column may accept and another may not. */
const odd: readonly Json[] = [
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59-23:59",
  "9999-12-31T23:59:59Z",
  "2026-11-24T24:00:00Z",
  "2026-02-30T00:00:00Z",
  "0001-01-01T00:00:00+23:59",
  -62_167_219_200,
  253_402_300_799,
  9_007_199_254_740_991,
  9_223_372_036_854_774_784,
  1e308,
  -1,
  0.5,
  "\0",
  "\uD800",
  "x".repeat(3_000),
  "",
  "acct_x",
  "pi_x",
  { object: "list", data: [null, {}, { id: 1 }] },
];

const anyChange = changeOf(recorded, placesIn);

/** Events that are evidence about payments and are not counted by their type. */
const evidence = recorded.filter(({ type }) =>
  /^"(payment_intent\.(?!succeeded)|charge\.(updated|expired|pending|dispute\.(created|updated|closed)))/.test(
    JSON.stringify(type),
  ),
);
const anyEvidence = changeOf(evidence, (event) =>
  placesIn(event).filter(([first]) => first === "data" || first === "api_version" || first === "livemode"),
);

function changeOf(
  events: readonly { [key: string]: Json }[],
  places: (event: Json) => readonly (readonly string[])[],
): fc.Arbitrary<Json> {
  return fc
    .constantFrom(...events)
    .chain((event) =>
      fc.tuple(
        fc.constant(event),
        fc.constantFrom(...places(event)),
        fc.oneof(fc.constantFrom(...odd), fc.jsonValue() as fc.Arbitrary<Json>),
      ),
    )
    .map(([event, place, value]) => withValue(event, place, value));
}

describe("any JSON value in any field of any recorded event", function () {
  this.timeout(300_000);
  const payments = createPaymentService(() => "acct_platform");
  let database: TestDatabase;
  let pool: Pool;
  let superuser: Pool;
  let record: Recorder;
  let sent = 0;

  before(async () => {
    database = await testDatabase();
    const open = (url: string): Pool =>
      createPool({ url, name: "test", max: 2, statementTimeoutMs: 10_000, onIdleError: () => {} });
    [pool, superuser] = [open(database.writerUrl), open(database.superuserUrl)];
    const writer = createPaymentWriter(pool);
    record = createRecorder({ writer, probe: () => writer.dryRun([sampleRecord(payments)]) });
  });
  after(async () => {
    await Promise.all([pool.end(), superuser.end()]);
    await database.drop();
  });

  function arrival(event: Json, messageId: string): { arrival: PositionedRecord; messageId: string } {
    const body = Buffer.from(JSON.stringify(event));
    const message = { source: "default", body, receivedAt: new Date(1_700_000_000_000) };
    return { arrival: toEventRecord(message, payments), messageId };
  }

  /** Records like the consumer until nothing is left; fails when something cannot be stored. */
  async function store(events: readonly Json[]): Promise<void> {
    const all = events.map((event) => {
      sent += 1;
      const id = `evt_any${sent}`;
      // With a unique id, unless the id was changed.
      const { id: given } = event as { readonly id?: Json };
      const isGiven = typeof given === "string" && /^evt_\w+$/.test(given);
      return arrival(isGiven ? { ...(event as object), id } : event, id);
    });
    const fallback: Fallback = (refused, why) => {
      const messageId = all.find((one) => one.arrival === refused)?.messageId;
      const { payload: body, receivedAt } = refused;
      return toRefusedRecord(
        { source: "default", body, receivedAt, subject: "stripe.events.any", messageId },
        why,
      );
    };
    let left = all.map((one) => one.arrival);
    for (let attempt = 1; left.length > 0 && attempt <= 4; attempt += 1) {
      const { records, error } = await record(left, fallback);
      left = left.filter((_, index) => records[index] === undefined);
      if (attempt === 4 && left.length > 0) throw new Error(`never stored: ${String(error)}`);
    }
    const ids = all.map((one) => one.arrival.eventId);
    const { rows } = await superuser.query<{ event_id: string; status: string }>(
      "select event_id, status from takings.events where event_id = any($1)",
      [ids],
    );
    expect(new Set(rows.map((row) => row.event_id))).to.deep.equal(new Set(ids));
  }

  async function quarantined(): Promise<readonly unknown[]> {
    const { rows } = await superuser.query(
      "select event_id, reason from takings.events where status = 'quarantined' order by 1",
    );
    return rows;
  }

  const neighbour = (n: number): Json => ({
    id: `evt_neighbour${n}`,
    type: "payment_intent.succeeded",
    created: 1_700_000_000,
    livemode: true,
    data: { object: { id: `pi_${n}`, amount_received: 100, currency: "usd" } },
  });

  it("is stored in the end, processed or quarantined, and so are the other events", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyChange, { minLength: 1, maxLength: 40 }), (events) =>
        store([neighbour(sent), ...events, neighbour(sent + 1)]),
      ),
      { numRuns: 120 },
    );
    const { rows } = await superuser.query("select 1 from takings.events where status = 'processed'");
    expect(rows.length).to.be.above(100);
  });

  it("is processed in the end when the event is only evidence", async () => {
    const before = await quarantined();
    await fc.assert(fc.asyncProperty(fc.array(anyEvidence, { minLength: 1, maxLength: 40 }), store), {
      numRuns: 60,
    });
    expect(await quarantined()).to.deep.equal(before);
  });

  it("is stored in the end for each odd time in `created`, which once blocked the consumer permanently", async () => {
    const [event] = recorded;
    for (const created of odd) await store([neighbour(sent), { ...event, created }, neighbour(sent + 1)]);
  });

  it("is quarantined with nothing read from its body when the database refuses a value", async () => {
    const body = Buffer.from("{}");
    const impossible: PositionedRecord = {
      ...toEventRecord({ source: "default", body, receivedAt: new Date() }, payments),
      eventId: "evt_impossible",
      created: new Date(Number.NaN),
    };
    const fallback: Fallback = (_, why) =>
      toRefusedRecord(
        {
          source: "default",
          body,
          receivedAt: new Date(),
          subject: "stripe.events.invoice.paid",
          messageId: "evt_impossible",
        },
        why,
      );
    const results = [];
    for (const _ of [1, 2, 3]) results.push(await record([impossible], fallback));
    expect(results.map(({ records }) => records[0]?.status)).to.deep.equal([
      undefined,
      undefined,
      "quarantined",
    ]);
    expect(results.at(-1)?.records[0]).to.include({ type: "invoice.paid", livemode: null, account: null });
  });
});
