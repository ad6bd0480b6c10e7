import { eventWithEntry, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool, PoolClient } from "pg";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { poolOf, sortable } from "./test-store.ts";

/** The key of a recording that shows the given number of microseconds since 1970. */
const keyOf = (microseconds: string): string => `(x'7a6'::bigint << 52) | (${microseconds})::bigint`;

describe("the safe read time", () => {
  let database: TestDatabase;
  let pools: Readonly<Record<"reading" | "writing" | "owning" | "admin", Pool>>;
  let safeReadTime: () => Promise<string>;
  before(async () => {
    database = await testDatabase();
    pools = {
      reading: poolOf(database.readerUrl),
      writing: poolOf(database.writerUrl),
      owning: poolOf(database.migratorUrl),
      admin: poolOf(database.superuserUrl),
    };
    const reader = createPaymentReader(pools.reading);
    safeReadTime = () => reader.safeReadTime();
  });
  after(async () => {
    await Promise.all(Object.values(pools).map((pool) => pool.end()));
    await database.drop();
  });

  const record = (eventId: string): Promise<unknown> =>
    createPaymentWriter(pools.writing).record([eventWithEntry({ eventId, objectId: `pi_${eventId}` })]);

  async function recording(pool: Pool): Promise<{ client: PoolClient; recordedAt: string }> {
    const client = await pool.connect();
    await client.query("begin");
    const { rows } = await client.query<{ at: string }>(
      `select to_char(takings.begin_recording() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    );
    return { client, recordedAt: rows[0]?.at ?? "" };
  }

  async function end({ client }: { readonly client: PoolClient }, how: "commit" | "rollback"): Promise<void> {
    await client.query(how);
    client.release();
  }

  it("exists before anything was recorded", async () => {
    expect(await safeReadTime()).to.match(/^20\d\d-/);
  });

  it("is that of the last recording, not that of the clock", async () => {
    await record("evt_m1");
    const moment = await safeReadTime();
    const { rows } = await pools.admin.query(
      "select recorded_at = $1::timestamptz as is_safe from takings.events",
      [moment],
    );
    expect(rows).to.deep.equal([{ is_safe: true }]);
    expect(await safeReadTime()).to.equal(moment);
  });

  for (const who of ["writing", "owning"] as const) {
    it(`stays before a recording of the ${who} login that is not committed yet, however long that takes`, async () => {
      const open = await recording(pools[who]);
      const first = await safeReadTime();
      await record(`evt_m2_${who}`);
      const second = await safeReadTime();
      await end(open, "commit");
      expect(sortable(first) < sortable(open.recordedAt)).to.equal(true);
      expect(sortable(second) < sortable(open.recordedAt)).to.equal(true);
      expect(sortable(await safeReadTime()) > sortable(open.recordedAt)).to.equal(true);
    });
  }

  it("stays before a recording whose login has lost its rights meanwhile, as when logins are rotated", async () => {
    const login = `test_leaving_${database.name}`;
    await pools.admin.query(`create role ${login} login password 'leaving' in role takings_writer`);
    const url = Object.assign(new URL(database.writerUrl), { username: login, password: "leaving" });
    const leaving = poolOf(url.href);
    const open = await recording(leaving);
    await pools.admin.query(`revoke takings_writer from ${login}`);
    await record("evt_m2_left");
    const safe = await safeReadTime();
    await end(open, "commit");
    await leaving.end();
    await pools.admin.query(`drop role ${login}`);
    expect(sortable(safe) < sortable(open.recordedAt)).to.equal(true);
  });

  it("is not held back by an advisory lock of a writer that records nothing", async () => {
    const client = await pools.writing.connect();
    await client.query("begin");
    await client.query(`select pg_advisory_xact_lock_shared(${keyOf("42")})`);
    await record("evt_m2_idle");
    const { rows } = await pools.admin.query("select max(recorded_at) = $1 as is_safe from takings.events", [
      await safeReadTime(),
    ]);
    await end({ client }, "rollback");
    expect(rows).to.deep.equal([{ is_safe: true }]);
  });

  it("moves on after a recording that was rolled back", async () => {
    const open = await recording(pools.writing);
    await record("evt_m3");
    await end(open, "rollback");
    expect(sortable(await safeReadTime()) > sortable(open.recordedAt)).to.equal(true);
  });

  it("is not held back by advisory locks of other logins (D2)", async () => {
    const client = await pools.reading.connect();
    await client.query("begin");
    await client.query(
      `select pg_advisory_xact_lock_shared(42), pg_advisory_xact_lock_shared(1, 2),
         pg_advisory_xact_lock_shared(${keyOf("42")})`,
    );
    await record("evt_m4");
    const { rows } = await pools.admin.query("select max(recorded_at) = $1 as is_safe from takings.events", [
      await safeReadTime(),
    ]);
    await end({ client }, "rollback");
    expect(rows).to.deep.equal([{ is_safe: true }]);
  });

  it("is not held back by advisory locks that a writer takes for another purpose", async () => {
    const client = await pools.writing.connect();
    await client.query("begin");
    await client.query(
      `select pg_advisory_xact_lock_shared(42), pg_advisory_xact_lock_shared(1, 2),
         pg_advisory_xact_lock(${keyOf("42")})`,
    );
    await record("evt_m5");
    const { rows } = await pools.admin.query("select max(recorded_at) = $1 as is_safe from takings.events", [
      await safeReadTime(),
    ]);
    await end({ client }, "rollback");
    expect(rows).to.deep.equal([{ is_safe: true }]);
  });

  it("lets no login block recordings, the rollup or compaction with locks that any login may take (D2)", async () => {
    const holder = await pools.reading.connect();
    await holder.query("begin");
    const now = "extract(epoch from timestamptz '2100-01-01 00:00:00Z') * 1000000";
    await holder.query(`select pg_advisory_xact_lock(${keyOf(now)}),
      pg_advisory_xact_lock(1952541545, 2), pg_advisory_xact_lock(1952541545, 3)`);
    const client = await pools.admin.connect();
    await client.query("begin");
    await client.query(
      `create or replace function takings.clock() returns timestamptz language sql volatile
         return timestamptz '2100-01-01 00:00:00Z'`,
    );
    await client.query("set local lock_timeout = 1000");
    const { rows } = await client.query("select takings.begin_recording()::text as at");
    await end({ client }, "rollback");
    await record("evt_m6");
    const compacted = await pools.writing.query("select takings.compact_committed_sequences(1) as taken");
    const rolledUp = await pools.admin.query("select takings.apply_rollup_deltas('0', 5000) as taken");
    await end({ client: holder }, "rollback");
    expect(rows).to.deep.equal([{ at: "2100-01-01 00:00:00+00" }]);
    expect([Number(compacted.rows[0].taken) > 0, Number(rolledUp.rows[0].taken) > 0]).to.deep.equal([
      true,
      true,
    ]);
  });

  it("is refused with a message while a recording has been in progress for more than a minute (D2)", async () => {
    const open = await recording(pools.writing);
    const shift = (by: string): Promise<unknown> =>
      pools.admin.query(
        `create or replace function takings.clock() returns timestamptz language sql volatile
           return clock_timestamp() + interval '${by}'`,
      );
    await shift("50 seconds");
    const early = await safeReadTime();
    await shift("61 seconds");
    const refusal: unknown = await safeReadTime().catch((error: unknown) => error);
    await end(open, "rollback");
    const later = await safeReadTime();
    await shift("0 seconds");
    expect(refusal).to.have.property("code", "stale");
    expect(refusal)
      .to.have.property("message")
      .that.matches(/a recording is in progress since .*TakingsRecordingStuck/);
    expect(sortable(later) >= sortable(early)).to.equal(true);
  });

  it("is returned however long nothing was recorded, because nothing holds it back", async () => {
    await pools.admin.query(
      `create or replace function takings.clock() returns timestamptz language sql volatile
         return clock_timestamp() + interval '3 days'`,
    );
    const moment = await safeReadTime();
    await pools.admin.query(
      "create or replace function takings.clock() returns timestamptz language sql volatile return clock_timestamp()",
    );
    expect(Date.parse(moment)).to.be.lessThan(Date.now() + 1_000);
  });

  it("advances without any event, by empty recordings", async () => {
    const before = await safeReadTime();
    await pools.admin.query(
      `create or replace function takings.clock() returns timestamptz language sql volatile
         return clock_timestamp() + interval '3 seconds'`,
    );
    await pools.writing.query("select takings.advance_recorded_time()");
    const after = await safeReadTime();
    await pools.writing.query("select takings.advance_recorded_time()");
    await pools.admin.query(
      "create or replace function takings.clock() returns timestamptz language sql volatile return clock_timestamp()",
    );
    expect(Date.parse(after) - Date.parse(before)).to.be.at.least(2_500);
    expect(await safeReadTime()).to.equal(after);
  });

  for (const statement of ["takings.begin_recording()", "takings.safe_read_time()"]) {
    it(`cannot be broken by ${statement} in a snapshot that is too old for it: that is refused`, async () => {
      const client = await pools.admin.connect();
      await client.query("begin isolation level repeatable read");
      const refusal: unknown = await client.query(`select ${statement}`).catch((error: unknown) => error);
      await end({ client }, "rollback");
      expect(refusal)
        .to.have.property("message")
        .that.matches(/read committed/);
    });
  }

  it("never lets a response as of a moment change afterwards, with 4 writers", async () => {
    const stopping = new AbortController();
    const writer = createPaymentWriter(pools.writing);
    const writers = Array.from({ length: 4 }, async (_, number) => {
      for (let n = 0; !stopping.signal.aborted; n += 1) {
        await writer.record([
          eventWithEntry({
            eventId: `evt_w${number}_${n}`,
            objectId: `pi_w${n}`,
            at: `2024-05-${20 - number}T00:00:00Z`,
          }),
        ]);
      }
    });
    const answers: { moment: string; total: string }[] = [];
    const totalAt = async (moment: string): Promise<string> => {
      const { rows } = await pools.admin.query<{ total: string }>(
        "select count(*) || '/' || coalesce(sum(extract(day from occurred_at)), 0) as total from takings.ledger_as_of($1)",
        [moment],
      );
      return rows[0]?.total ?? "";
    };
    for (let n = 0; n < 60; n += 1) {
      const moment = await safeReadTime();
      answers.push({ moment, total: await totalAt(moment) });
    }
    stopping.abort();
    await Promise.all(writers);
    for (const { moment, total } of answers) expect(await totalAt(moment)).to.equal(total);
  });
});
