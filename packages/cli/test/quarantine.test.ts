import { createPaymentService } from "@takings/domain";
import { countOpenQuarantine, createPaymentReader, createPaymentWriter, createPool } from "@takings/postgres";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { toEventRecord, toUnparsedRecord } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { quarantineCommand } from "../src/quarantine/quarantine-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { run } from "./takings.ts";

const receivedAt = new Date("2026-11-24T06:00:00.000Z");

function body(id: string, amount: unknown = 100): Buffer {
  const object = { id: id.replace("evt", "pi"), amount_received: amount, currency: "usd" };
  const event = {
    id,
    type: "payment_intent.succeeded",
    created: 1_700_000_000,
    livemode: true,
    data: { object },
  };
  return Buffer.from(JSON.stringify(event));
}

function poolOf(url: string): Pool {
  return createPool({ url, name: "test", max: 2, statementTimeoutMs: 5_000, onIdleError: () => {} });
}

describe("takings quarantine", () => {
  let database: TestDatabase;
  let writing: Pool;
  let reading: Pool;

  beforeEach(async () => {
    database = await testDatabase();
    [writing, reading] = [poolOf(database.writerUrl), poolOf(database.readerUrl)];
    const payments = createPaymentService();
    const unparsed = (id: string, text: Buffer): ReturnType<typeof toUnparsedRecord> =>
      toUnparsedRecord(
        {
          source: "default",
          body: text,
          receivedAt,
          subject: "stripe.events.payment_intent.succeeded",
          messageId: id,
        },
        "the process ended 3 times while it worked on this event alone",
      );
    await createPaymentWriter(writing).record([
      toEventRecord({ source: "default", body: body("evt_good"), receivedAt }, payments),
      toEventRecord({ source: "default", body: body("evt_bad", -5), receivedAt }, payments),
      toEventRecord({ source: "default", body: Buffer.from("not an event"), receivedAt }, payments),
      unparsed("evt_crash", body("evt_crash")),
      unparsed("evt_large", body("evt_large", 1_000)),
    ]);
  });
  afterEach(async () => {
    await Promise.all([writing.end(), reading.end()]);
    await database.drop();
  });

  type Outcome = ReturnType<typeof run>;
  const asReader = (...args: string[]): Outcome =>
    run(quarantineCommand, args, { DATABASE_URL: database.readerUrl });
  const asOwner = (...args: string[]): Outcome =>
    run(quarantineCommand, args, { DATABASE_URL: database.migratorUrl });
  const verify = (): Outcome => run(verifyCommand, [], { DATABASE_URL: database.readerUrl });

  async function amounts(): Promise<unknown[]> {
    const { rows } = await reading.query<{ entry: unknown }>(
      "select event_id || ' ' || amount as entry from takings.ledger order by 1",
    );
    return rows.map(({ entry }) => entry);
  }

  it("lists open events with their reasons, all or filtered", async () => {
    const { code, output } = await asReader("list");
    expect(code).to.equal(0);
    expect(output).to.match(
      /^2026-11-24T06:00:00Z {2}evt_bad {2}payment_intent\.succeeded {2}amount_received is/m,
    );
    expect(output).to.match(/^4 event\(s\) in quarantine\n$/m);
    const part = JSON.parse((await asReader("list", "--reason", "UNPARSED", "--json")).output) as unknown[];
    expect(part).to.have.length(2);
    expect(part[0]).to.deep.include({
      eventId: "evt_crash",
      type: "payment_intent.succeeded",
      dismissedAt: null,
    });
  });

  it("shows an event with its body as received", async () => {
    const { output } = await asReader("show", "evt_bad");
    expect(JSON.parse(output)).to.deep.include({ payload: body("evt_bad", -5).toString(), decisions: [] });
    expect(await asReader("show", "evt_none")).to.deep.equal({
      code: 1,
      output: "takings: no event evt_none is stored\n",
    });
  });

  it("replays what can be understood now, exactly once, and keeps the rest; verify passes before and after", async () => {
    expect((await verify()).output).to.match(/events, ledger and rollup agree/);
    const first = await asOwner("replay", "--all", "--by", "ada", "--because", "the parser was fixed");
    expect(first.output).to.match(/^evt_crash processed: 1 ledger entries changed$/m);
    expect(first.output).to.match(/^evt_bad kept: amount_received is missing/m);
    expect(first.output).to.match(/^2 of 4 event\(s\) were processed\n$/m);
    expect(first.code).to.equal(1);
    const counted = ["evt_crash 100", "evt_good 100", "evt_large 1000"];
    expect(await amounts()).to.deep.equal(counted);
    const again = await asOwner("replay", "evt_crash");
    expect(again.output).to.match(/^evt_crash kept: it is not in quarantine$/m);
    expect(await amounts()).to.deep.equal(counted);
    expect((await verify()).output).to.match(/events, ledger and rollup agree/);
    const event = await createPaymentReader(reading).event("evt_crash", "default");
    expect(event).to.deep.include({
      status: "processed",
      reason: null,
      created: "2023-11-14T22:13:20Z",
      objectId: "pi_crash",
      livemode: true,
    });
    const shown = JSON.parse((await asReader("show", "evt_crash")).output) as Record<string, unknown>;
    expect(shown["decisions"])
      .to.be.an("array")
      .with.nested.property("[0]")
      .that.includes({ decision: "replayed", decidedBy: "ada", note: "the parser was fixed" });
  });

  it("has the same result as if the event had been understood at once", async () => {
    const payments = createPaymentService();
    await asOwner("replay", "evt_crash");
    await using other = await testDatabase();
    const pool = poolOf(other.writerUrl);
    await createPaymentWriter(pool).record([
      toEventRecord({ source: "default", body: body("evt_crash"), receivedAt }, payments),
    ]);
    await pool.end();
    const rowsOf = async (url: string): Promise<unknown[]> => {
      const admin = poolOf(url);
      const found = await Promise.all([
        admin.query(
          "select to_jsonb(e) - 'recorded_at' as row from takings.events e where event_id = 'evt_crash'",
        ),
        admin.query(
          "select to_jsonb(l) - 'recorded_at' as row from takings.ledger l where event_id = 'evt_crash'",
        ),
      ]);
      await admin.end();
      return found.map(({ rows }) => rows);
    };
    expect(await rowsOf(database.superuserUrl)).to.deep.equal(await rowsOf(other.superuserUrl));
  });

  it("replays other events when some bodies cannot be read, and reports which and why", async () => {
    const admin = poolOf(database.superuserUrl);
    await admin.query(
      "update takings.events set payload = '\\x00010203', payload_codec = 1 where event_id = 'evt_bad'",
    );
    await admin.query("update takings.events set payload_codec = 99 where type = 'unreadable'");
    // Only a superuser can do this.
    await admin.query(`
      alter table takings.events drop constraint events_quarantined_keeps_payload;
      update takings.events set payload = null, payload_removed_at = now() where event_id = 'evt_crash'`);
    await admin.end();
    const { code, output } = await asOwner("replay", "--all");
    expect(output).to.match(/^evt_bad kept: the stored payload of event evt_bad cannot be read/m);
    expect(output).to.match(/^unreadable_\w+ kept: .*payload_codec 99 is not known/m);
    expect(output).to.match(/^evt_crash kept: its payload is missing/m);
    expect(output).to.match(/^evt_large processed: 1 ledger entries/m);
    expect(output).to.match(/^1 of 4 event\(s\) were processed/m);
    expect(code).to.equal(1);
  });

  it("replays other events when another session locks one", async () => {
    const admin = poolOf(database.superuserUrl);
    const holding = await admin.connect();
    await holding.query("begin");
    await holding.query("select from takings.events where event_id = 'evt_crash' for update");
    const { code, output } = await asOwner("replay", "--all");
    await holding.query("rollback");
    holding.release();
    await admin.end();
    expect(output).to.match(/^evt_crash kept: replaying evt_crash failed: .*lock timeout/m);
    expect(output).to.match(/^evt_large processed/m);
    expect(code).to.equal(1);
  });

  it("dismisses an event, which stays stored with the decision and is no longer open", async () => {
    expect(await countOpenQuarantine(writing)).to.deep.equal([{ source: "default", open: 4 }]);
    const dismissed = await asOwner("dismiss", "evt_bad", "--because", "our own test", "--by", "ada");
    expect(dismissed).to.deep.equal({ code: 0, output: "evt_bad dismissed\n" });
    expect((await asOwner("dismiss", "evt_bad", "--because", "again")).code).to.equal(1);
    expect(await countOpenQuarantine(writing)).to.deep.equal([{ source: "default", open: 3 }]);
    expect((await asOwner("dismiss", "evt_crash", "--because", "x")).code).to.equal(0);
    expect((await asReader("show", "evt_crash")).output).to.match(/"decidedBy": "takings_migrator"/);
    expect((await asReader("list")).output).not.to.contain("evt_bad");
    expect((await asReader("list", "--dismissed")).output).to.match(/evt_bad .* \(dismissed 20/);
    const { output } = await asReader("show", "evt_bad");
    const shown = JSON.parse(output) as { status: string; decisions: unknown[] };
    expect(shown.status).to.equal("quarantined");
    expect(shown.decisions).to.have.length(1);
    expect(shown.decisions[0]).to.include({
      decision: "dismissed",
      decidedBy: "ada",
      note: "our own test",
    });
    expect((await verify()).code).to.equal(0);
  });

  it("does not let a reader or the consumer decide", async () => {
    for (const url of [database.readerUrl, database.writerUrl]) {
      const { code, output } = await run(quarantineCommand, ["dismiss", "evt_bad", "--because", "x"], {
        DATABASE_URL: url,
      });
      expect(code).to.equal(1);
      expect(output).to.match(/permission denied/);
    }
  });

  it("requires a selection of events", async () => {
    expect((await asOwner("replay")).output).to.equal(
      "takings: give either event ids, or --all, --reason or --type\n",
    );
  });
});
