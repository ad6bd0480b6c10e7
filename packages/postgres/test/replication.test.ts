import { eventWithEntry, eventually, type TestPostgres, testPostgres } from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { poolOf } from "./test-store.ts";

const waiting = `pid <> pg_backend_pid() and wait_event = 'SyncRep'`;

describe("a commit that has to be replicated", () => {
  let server: TestPostgres;
  let writing: Pool;
  let superuser: Pool;
  before(async function () {
    this.timeout(60_000);
    server = await testPostgres();
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    [writing, superuser] = [poolOf(server.writerUrl, 60_000), poolOf(server.superuserUrl)];
  });
  afterEach(async () => {
    await requireStandby(false);
    await Promise.all([writing.end(), superuser.end()]);
  });

  /** Makes every commit wait for a standby that does not exist. */
  async function requireStandby(required: boolean): Promise<void> {
    // The superuser's own statements commit nothing, so they do not wait.
    await superuser.query(`alter system set synchronous_standby_names = '${required ? "nobody" : ""}'`);
    await superuser.query("select pg_reload_conf()");
    // Commits wait once the checkpointer has read the setting, not when a session sees it.
    await eventually("the setting to be in force", async () => (await commitWaits()) === required);
  }

  async function commitWaits(): Promise<boolean> {
    const session = await superuser.connect();
    try {
      const { rows } = await session.query<{ pid: number }>("select pg_backend_pid() as pid");
      const pid = rows[0]?.pid;
      let outcome: boolean | undefined;
      const commit = session.query("select pg_logical_emit_message(true, 'probe', '')").then(() => {
        outcome ??= false;
      });
      await eventually("the outcome of a commit", async () => {
        const found = await superuser.query(
          "select from pg_stat_activity where pid = $1 and wait_event = 'SyncRep'",
          [pid],
        );
        if (found.rowCount === 1) outcome ??= true;
        return outcome === undefined ? undefined : { outcome };
      });
      if (outcome === true) await superuser.query("select pg_cancel_backend($1)", [pid]);
      await commit;
      return outcome === true;
    } finally {
      session.release();
    }
  }

  async function untilWaiting(): Promise<void> {
    await eventually("a commit that waits", async () => {
      const { rows } = await superuser.query(`select from pg_stat_activity where ${waiting}`);
      return rows.length > 0;
    });
  }

  it("fails when it was not replicated and PostgreSQL reports that in a warning (fault 38)", async () => {
    await requireStandby(true);
    const recording = createPaymentWriter(writing)
      .record([eventWithEntry({ eventId: "evt_warned" })])
      .catch((error: unknown) => error);
    await untilWaiting();
    await superuser.query(`select pg_cancel_backend(pid) from pg_stat_activity where ${waiting}`);
    const failure = await recording;
    expect(failure).to.include({ code: "unavailable" });
    expect(failure)
      .to.have.property("message")
      .that.matches(/COMMIT returned a warning: canceling wait for synchronous replication/);
  });

  it("would seem to succeed without a check of the warnings, so this test can fail", async () => {
    await requireStandby(true);
    const plain = writing.query("insert into takings.isolation_attempts values ('x', 1, 0, now())");
    await untilWaiting();
    await superuser.query(`select pg_cancel_backend(pid) from pg_stat_activity where ${waiting}`);
    expect(await plain).to.have.property("rowCount", 1);
  });

  it("is waited for by a batch of duplicates too (finding 8)", async () => {
    const writer = createPaymentWriter(writing);
    await writer.record([eventWithEntry({ eventId: "evt_again" })]);
    await requireStandby(true);
    let done = false;
    const recording = writer.record([eventWithEntry({ eventId: "evt_again" })]).then((fresh) => {
      done = true;
      return fresh;
    });
    await untilWaiting();
    expect(done).to.equal(false);
    await requireStandby(false);
    expect((await recording).size).to.equal(0);
  });

  it("makes a dry run fail once it has waited longer than a batch may take, until it ends", async () => {
    const writer = createPaymentWriter(writing);
    await requireStandby(true);
    const recording = writer.record([eventWithEntry({ eventId: "evt_waiting" })]);
    await untilWaiting();
    const dryRun = (): Promise<void> => writer.dryRun([eventWithEntry({ eventId: "evt_probe" })]);
    await dryRun();
    await superuser.query(
      `begin;
       set local synchronous_commit = local;
       create or replace function takings.clock() returns timestamptz language sql volatile
         return clock_timestamp() + interval '16 seconds';
       commit`,
    );
    const failure: unknown = await dryRun().catch((error: unknown) => error);
    await requireStandby(false);
    await recording;
    await dryRun();
    expect(failure).to.include({ code: "unavailable" });
    expect(failure)
      .to.have.property("message")
      .that.matches(/a commit has been waiting for 1\d s: check the standbys/);
  });

  it("is waited for by one session at most where only recorded time has to advance", async () => {
    await superuser.query(
      `create or replace function takings.clock() returns timestamptz language sql volatile
         return clock_timestamp() + interval '1 minute'`,
    );
    await requireStandby(true);
    const impatient = poolOf(server.writerUrl, 500);
    const first = writing.query("select takings.advance_recorded_time()");
    await untilWaiting();
    const second = await impatient
      .query("select takings.advance_recorded_time()")
      .catch((error: unknown) => error);
    const { rows } = await superuser.query(`select from pg_stat_activity where ${waiting}`);
    await requireStandby(false);
    await first;
    await impatient.end();
    expect(second).to.have.property("rowCount", 1);
    expect(rows.length).to.equal(1);
  });

  it("would not be waited for by the same batch if it inserted no row, so this test can fail", async () => {
    const writer = createPaymentWriter(writing);
    await writer.record([eventWithEntry({ eventId: "evt_bare" })]);
    await requireStandby(true);
    const bare = await writing.query(
      `insert into takings.events (event_id, source, type, created, received_at, recorded_at, status, payload,
         payload_codec, rules)
       values ('evt_bare', 'default', 'x', now(), now(), now(), 'processed', '', 0, 1) on conflict do nothing`,
    );
    expect(bare.rowCount).to.equal(0);
  });
});
