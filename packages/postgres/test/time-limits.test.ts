import { eventSaying, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { createPaymentWriter } from "../src/payment-writer.ts";
import { createPool } from "../src/pool.ts";
import { poolOf } from "./reading-store.ts";

describe("a batch of one that needs more time than a statement has", () => {
  let database: TestDatabase;
  let admin: Pool;
  let pool: Pool;
  before(async () => {
    database = await testDatabase();
    admin = poolOf(database.superuserUrl);
    // Each event takes a second and a half to be stored.
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

  it("gets it when it has failed, while two together never do", async () => {
    const writer = createPaymentWriter(pool);
    const failure = await writer
      .record([eventSaying({ eventId: "evt_1" }), eventSaying({ eventId: "evt_2" })])
      .catch((error: unknown) => error);
    expect(failure).to.include({ code: "unavailable" });
    const alone = [eventSaying({ eventId: "evt_1" })];
    const first = await writer.record(alone).catch((error: unknown) => error);
    expect(first).to.include({ code: "unavailable" });
    expect(await writer.record(alone)).to.deep.equal(new Set(["evt_1"]));
  });

  it("leaves nothing behind when it is only a rehearsal", async () => {
    const writer = createPaymentWriter(pool);
    const sample = [eventSaying({ eventId: "evt_rehearsed" })];
    await writer.rehearse(sample).catch(() => {});
    await writer.rehearse(sample);
    const { rows } = await admin.query("select from takings.events where event_id = 'evt_rehearsed'");
    expect(rows).to.deep.equal([]);
  });
});
