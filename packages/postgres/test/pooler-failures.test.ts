import {
  canRunPgbouncer,
  eventually,
  eventWithEntry,
  type TestDatabase,
  testDatabase,
  testPgbouncer,
  testPostgres,
} from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { openClient } from "../src/session/open-client.ts";
import { runRead } from "../src/session/run-read.ts";
import { poolOf } from "./test-store.ts";

const what = "a connection through PgBouncer";

const transactions = { pool_mode: "transaction", default_pool_size: 2 };

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "no failure",
    (error: unknown) => error,
  );
}

if (canRunPgbouncer(what)) {
  describe(what, () => {
    let database: TestDatabase;
    before(async () => {
      database = await testDatabase();
    });
    after(() => database.drop());

    /** Reads once, with a pool of its own. */
    async function failureOfRead(url: string): Promise<unknown> {
      const pool = poolOf(url);
      const failure = await failureOf(createPaymentReader(pool).safeReadTime());
      await pool.end();
      return failure;
    }

    it("is refused in statement mode, naming the pooler and what to do", async () => {
      await using pooler = await testPgbouncer([database.readerUrl], { pool_mode: "statement" });
      const failure = await failureOfRead(pooler.through(database.readerUrl));
      expect(failure).to.have.property("code", "unavailable");
      expect(failure)
        .to.have.property("message")
        .that.matches(/transaction blocks not allowed in statement pooling mode.*connection pooler/);
    });

    it("fails as retryable when no server connection becomes free in time", async () => {
      const few = { ...transactions, default_pool_size: 1, query_wait_timeout: 1 };
      await using pooler = await testPgbouncer([database.readerUrl], few);
      const url = pooler.through(database.readerUrl);
      const holder = await openClient(url, { name: "test" });
      await holder.query("begin");
      const failure = await failureOfRead(url);
      await holder.end();
      expect(failure).to.have.property("code", "unavailable");
      expect(failure).to.have.property("message").that.includes("query_wait_timeout");
      expect(await failureOfRead(url)).to.equal("no failure");
    });

    it("fails as retryable when there are too many clients", async () => {
      const few = { ...transactions, max_client_conn: 1 };
      await using pooler = await testPgbouncer([database.readerUrl], few);
      const url = pooler.through(database.readerUrl);
      const holder = await openClient(url, { name: "test" });
      const failure = await failureOfRead(url);
      await holder.end();
      expect(failure).to.have.property("code", "unavailable");
      expect(failure).to.have.property("message").that.includes("no more connections allowed");
    });

    it("ends a statement at its time limit, and then the server connection serves others", async () => {
      await using pooler = await testPgbouncer([database.readerUrl], {
        ...transactions,
        default_pool_size: 1,
      });
      const pool = poolOf(pooler.through(database.readerUrl), 200);
      const nap = { what: "a nap", text: "select pg_sleep(60)", values: [], parse: (row: unknown) => row };
      expect(await failureOf(runRead(pool, nap))).to.have.property("code", "unavailable");
      expect(await createPaymentReader(pool).safeReadTime()).to.be.a("string");
      await pool.end();
    });

    it("has no transaction open after a statement that failed", async () => {
      await using pooler = await testPgbouncer([database.readerUrl], transactions);
      const client = await openClient(pooler.through(database.readerUrl), { name: "test" });
      expect(await failureOf(client.query("select 1/0"))).to.have.property("code", "22012");
      expect(client.getTransactionStatus()).to.equal("I");
      await client.end();
    });

    it("runs statements sent at once one by one, each in a transaction of its own", async () => {
      await using pooler = await testPgbouncer([database.readerUrl], transactions);
      const client = await openClient(pooler.through(database.readerUrl), { name: "test" });
      const text =
        "select txid_current()::int as id, pg_sleep(0.02), clock_timestamp() as ended, now() as began";
      const results = await Promise.all([1, 2, 3].map(() => client.query(text)));
      await client.end();
      const rows = results.map(({ rows: [row] }) => row as { id: number; began: Date; ended: Date });
      const [first, second, third] = rows;
      expect(second?.id, "the second transaction").to.be.above(first?.id ?? Infinity);
      expect(third?.id, "the third transaction").to.be.above(second?.id ?? Infinity);
      expect(second?.began, "the start of the second").to.be.at.least(first?.ended ?? new Date());
      expect(third?.began, "the start of the third").to.be.at.least(second?.ended ?? new Date());
    });

    it("is replaced after the server has ended it", async () => {
      await using pooler = await testPgbouncer([database.writerUrl], transactions);
      const [pool, superuser] = [poolOf(pooler.through(database.writerUrl)), poolOf(database.superuserUrl)];
      const writer = createPaymentWriter(pool);
      await writer.record([eventWithEntry({ eventId: "evt_before" })]);
      await superuser.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'takings_consumer' and datname = $1",
        [database.name],
      );
      const fresh = await eventually("a batch after it", () =>
        writer.record([eventWithEntry({ eventId: "evt_after" })]),
      );
      await Promise.all([pool.end(), superuser.end()]);
      expect([...fresh.keys()]).to.deep.equal(["evt_after"]);
    });
  });

  describe("a commit through PgBouncer that was not replicated", () => {
    it("fails in transaction mode too, by the warning of PostgreSQL (fault 38)", async function () {
      this.timeout(60_000);
      await using server = await testPostgres();
      await using pooler = await testPgbouncer([server.writerUrl], transactions);
      const [pool, superuser] = [
        poolOf(pooler.through(server.writerUrl), 60_000),
        poolOf(server.superuserUrl),
      ];
      const writer = createPaymentWriter(pool);
      await superuser.query("alter system set synchronous_standby_names = 'nobody'");
      await superuser.query("select pg_reload_conf()");
      const { recording } = await untilOneWaits(superuser, writer.record);
      await superuser.query(
        "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'",
      );
      const failure = await recording;
      await Promise.all([pool.end(), superuser.end()]);
      expect(failure).to.have.property("code", "unavailable");
      expect(failure)
        .to.have.property("message")
        .that.matches(/COMMIT returned a warning: canceling wait for synchronous replication/);
    });
  });
}

type RecordBatch = (batch: ReturnType<typeof eventWithEntry>[]) => Promise<unknown>;

/** Records until a commit waits, because the setting is in force only after the checkpointer has read it. */
async function untilOneWaits(
  superuser: Pool,
  record: RecordBatch,
): Promise<{ readonly recording: Promise<unknown> }> {
  for (let index = 0; ; index += 1) {
    let isDone = false;
    const recording = failureOf(record([eventWithEntry({ eventId: `evt_${index}` })])).finally(() => {
      isDone = true;
    });
    const waits = await eventually("the commit to wait or to end", async () => {
      const found = await superuser.query("select from pg_stat_activity where wait_event = 'SyncRep'");
      return found.rowCount === 1 || isDone ? { waits: found.rowCount === 1 } : undefined;
    });
    if (waits.waits) return { recording };
  }
}
