import { type TestDatabase, testDatabase } from "@takings/testkit";
import { after, before } from "mocha";
import type { Pool } from "pg";
import { createPool } from "../src/session/pool.ts";

/** A filled database, and how many of its rows a read looks at. */
export type CountedReads = {
  readonly pool: Pool;
  /** Rows of the tables that were looked at while something was read, by whatever plan. */
  rowsRead(read: () => Promise<unknown>): Promise<number>;
};

/** Fills a database before the tests of the block that this is called in, and drops it after them. */
export function countedReads(of: {
  /** Statements that fill the tables. */
  readonly fill: readonly string[];
  /** The tables whose rows count, as `takings.ledger`. */
  readonly tables: readonly string[];
}): CountedReads {
  let database: TestDatabase | undefined;
  let pool: Pool | undefined;
  before(async () => {
    database = await testDatabase();
    const url = database.superuserUrl;
    // One connection, so that the counters in a transaction are those of the statement between.
    pool = createPool({ url, name: "test", max: 1, statementTimeoutMs: 10_000, onIdleError: () => {} });
    for (const text of of.fill) await pool.query(text);
    await pool.query(`analyze ${of.tables.join(", ")}`);
  });
  after(async () => {
    await pool?.end();
    await database?.drop();
  });
  const filled = (): Pool => {
    if (pool === undefined) throw new Error("The database is filled before the tests.");
    return pool;
  };
  return {
    get pool() {
      return filled();
    },
    async rowsRead(read) {
      await filled().query("begin");
      const earlier = await counted(filled(), of.tables);
      await read();
      const later = await counted(filled(), of.tables);
      await filled().query("commit");
      return later - earlier;
    },
  };
}

/** PostgreSQL counts the rows that an index scan fetches with the index, and all others with the table. */
async function counted(pool: Pool, tables: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ read: number }>(
    `select sum(pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid) + (
       select coalesce(sum(pg_stat_get_xact_tuples_fetched(indexrelid)), 0) from pg_index where indrelid = oid
     ))::integer as read
     from unnest($1::regclass[]) as named (oid)`,
    [tables],
  );
  return rows[0]?.read ?? Number.NaN;
}
