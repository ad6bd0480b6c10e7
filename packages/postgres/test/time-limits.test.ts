import { eventWithEntry, eventually, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { writeError } from "../src/session/database-errors.ts";
import { backendOf } from "../src/migrations/migration-lock.ts";
import { openClient } from "../src/session/open-client.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { createPool } from "../src/session/pool.ts";
import { readingOf, transactionFact } from "./balance-events.ts";
import { poolOf } from "./test-store.ts";

describe("a batch of one event that needs more time than the statement timeout", () => {
  let database: TestDatabase;
  let admin: Pool;
  let pool: Pool;
  before(async () => {
    database = await testDatabase();
    admin = poolOf(database.superuserUrl);
    // Storing an event takes a second and a half.
    await admin.query(`
      create function takings.dawdle() returns trigger language plpgsql as
        $$ begin perform pg_catalog.pg_sleep(1.5); return new; end $$;
      create trigger dawdle before insert on takings.events for each row execute function takings.dawdle()`);
    pool = createPool({
      url: database.writerUrl,
      name: "test",
      max: 1,
      statementTimeoutMs: 200,
      onIdleError: () => {},
    });
  });
  after(async () => {
    await Promise.all([admin.end(), pool.end()]);
    await database.drop();
  });

  it("gets more time after it has failed, while a batch of two never does", async () => {
    const writer = createPaymentWriter(pool);
    const failure = await writer
      .record([eventWithEntry({ eventId: "evt_1" }), eventWithEntry({ eventId: "evt_2" })])
      .catch((error: unknown) => error);
    expect(failure).to.include({ code: "unavailable" });
    const alone = [eventWithEntry({ eventId: "evt_1" })];
    const first = await writer.record(alone).catch((error: unknown) => error);
    expect(first).to.include({ code: "unavailable" });
    expect([...(await writer.record(alone)).keys()]).to.deep.equal(["evt_1"]);
  });

  it("gets more time for a reading of the balance", async () => {
    const writer = createPaymentWriter(pool);
    const alone = [{ ...readingOf("evt_reading", transactionFact("txn_1")), position: undefined }];
    const first = await writer.record(alone).catch((error: unknown) => error);
    expect(first).to.include({ code: "unavailable" });
    expect([...(await writer.record(alone)).keys()]).to.deep.equal(["evt_reading"]);
  });

  it("does not blame the event when the server ended it because the body arrived too slowly", async () => {
    const client = await openClient(database.writerUrl, { name: "test", idleInTransactionTimeoutMs: 50 });
    const pid = await backendOf(client);
    await client.query("begin");
    // The server times out before the statement arrives.
    client.connection.stream.pause();
    await eventually("an end of the session", async () => {
      const { rows } = await admin.query("select from pg_stat_activity where pid = $1", [pid]);
      return rows.length === 0;
    });
    const answer = client.query("select 1").catch((error: unknown) => error);
    client.connection.stream.resume();
    expect(await answer).to.have.property("code", "25P03");
    expect(writeError(await answer, "a batch")).to.have.property("code", "unavailable");
    await client.end().catch(() => {});
  });

  it("stores nothing in a dry run", async () => {
    const writer = createPaymentWriter(pool);
    const sample = [eventWithEntry({ eventId: "evt_dry_run" })];
    await writer.dryRun(sample).catch(() => {});
    await writer.dryRun(sample);
    const { rows } = await admin.query("select from takings.events where event_id = 'evt_dry_run'");
    expect(rows).to.deep.equal([]);
  });
});
