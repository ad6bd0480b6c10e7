import {
  canRunPgbouncer,
  eventWithEntry,
  type TestDatabase,
  testDatabase,
  type TestPgbouncer,
  testPgbouncer,
} from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { Client, type Pool } from "pg";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { createPool } from "../src/session/pool.ts";
import { filterNow } from "./test-store.ts";

const what = "PgBouncer before PostgreSQL";
const clients = 8;

/** Fewer server connections than clients, where transactions share them. */
const poolSizes = { session: 20, transaction: 2 };

/** Whether PgBouncer refuses the options of a connection, which is its default, or ignores them. */
const startup = { refused: "", ignored: "options, extra_float_digits" };

if (canRunPgbouncer(what)) {
  for (const [mode, size] of Object.entries(poolSizes)) {
    for (const [options, ignored] of Object.entries(startup)) {
      describe(`${what} in ${mode} mode, startup options are ${options}`, () => {
        let database: TestDatabase;
        let pooler: TestPgbouncer;
        let writing: Pool;
        let reading: Pool;

        before(async () => {
          database = await testDatabase();
          const { superuserUrl, writerUrl, readerUrl } = database;
          const parameters = { pool_mode: mode, default_pool_size: size, ignore_startup_parameters: ignored };
          pooler = await testPgbouncer([superuserUrl, writerUrl, readerUrl], parameters);
          const superuser = new Client(superuserUrl);
          await superuser.connect();
          for (const role of ["takings_consumer", "takings_query"]) {
            const alter = `alter role ${role} in database ${database.name} set`;
            await superuser.query(`${alter} synchronous_commit = off`);
            await superuser.query(`${alter} statement_timeout = '1h'`);
            await superuser.query(`${alter} default_transaction_isolation = 'serializable'`);
            await superuser.query(`${alter} search_path = takings`);
          }
          await superuser.end();
          [writing, reading] = [open(writerUrl), open(readerUrl)];
        });
        after(async () => {
          await Promise.all([writing?.end(), reading?.end()]);
          await pooler[Symbol.asyncDispose]();
          await database.drop();
        });

        function open(url: string): Pool {
          const limits = { max: clients, statementTimeoutMs: 5_000, onIdleError: () => {} };
          return createPool({ url: pooler.through(url), name: "test", ...limits });
        }

        it("records what parallel writers send, once", async () => {
          const writer = createPaymentWriter(writing);
          const batches = Array.from({ length: 40 }, (_, batch) =>
            Array.from({ length: 5 }, (__, n) => eventWithEntry({ eventId: `evt_${(batch * 3 + n) % 100}` })),
          );
          const fresh = await Promise.all(batches.map((batch) => writer.record(batch)));
          expect(fresh.flatMap((ids) => [...ids]).toSorted()).to.deep.equal(
            [...new Set(batches.flat().map(({ eventId }) => eventId))].toSorted(),
          );
        });

        it("answers parallel reads", async () => {
          const reader = createPaymentReader(reading);
          const filter = await filterNow(reader);
          const reads = Array.from({ length: 120 }, (_, n) =>
            [
              () => reader.sums(filter),
              () => reader.extent(filter),
              () => reader.safeReadTime(),
              () => reader.sums({ ...filter, account: "*" }),
            ][n % 4]?.(),
          );
          expect(
            await Promise.allSettled(reads).then((all) => all.filter(({ status }) => status === "rejected")),
          ).to.deep.equal([]);
        });
      });
    }
  }
}
