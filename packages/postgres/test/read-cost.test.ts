import type { LedgerFilter } from "@takings/domain";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { createPool } from "../src/session/pool.ts";
import { readEntries } from "../src/read/read-entries.ts";
import { readExtent } from "../src/read/read-extent.ts";
import { readSafeReadTime } from "../src/record/recorded-time.ts";

const entries = 20_000;
const few = 500;

/** One currency per account, so that what is frequent in one is absent in the other. */
const text = `
  insert into takings.ledger (id, kind, account, livemode, object_id, amount, currency, occurred_at, event_id,
    recorded_at)
  select 'le_' || md5(n::text), 'payment', account, true, 'pi_' || n, 100,
    case when account = '' then 'usd' else 'eur' end, at, 'evt_' || n, now() - interval '1 minute'
  from generate_series(1, ${entries}) as number (n)
  cross join lateral (values (case when n % 2 = 0 then '' else 'acct_1' end, '2024-01-01'::timestamptz + n * interval '1 minute'))
    as made (account, at)`;

const questions: readonly Partial<LedgerFilter>[] = [
  {},
  { account: "*" },
  { account: "acct_nobody" },
  { currency: "zzz" },
  { currency: "zzz", account: "*" },
  { currency: "eur" },
  { currency: "usd", account: "acct_1" },
  { currency: "usd", account: "*" },
  { livemode: false, currency: "usd" },
];

describe("a query on a large ledger", () => {
  let database: TestDatabase;
  /** One connection, so that the counters in a transaction are those of the statement between. */
  let pool: Pool;

  before(async () => {
    database = await testDatabase();
    const url = database.superuserUrl;
    pool = createPool({ url, name: "test", max: 1, statementTimeoutMs: 10_000, onIdleError: () => {} });
    await pool.query(text);
    await pool.query("analyze takings.ledger");
  });
  after(async () => {
    await pool.end();
    await database.drop();
  });

  async function rowsRead(read: () => Promise<unknown>): Promise<number> {
    await pool.query("begin");
    await read();
    const { rows } = await pool.query<{ read: number }>(
      `select (pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid))::integer as read
       from (values ('takings.ledger'::regclass)) as ledger (oid)`,
    );
    await pool.query("commit");
    return rows[0]?.read ?? Number.NaN;
  }

  async function filterOf(different: Partial<LedgerFilter>): Promise<LedgerFilter> {
    const everything = { from: undefined, to: undefined, currency: undefined, livemode: true, account: null };
    return { ...everything, asOf: await readSafeReadTime(pool), ...different };
  }

  for (const different of questions) {
    it(`${JSON.stringify(different)} reads no more entries than a page contains, and few for the extent`, async () => {
      const filter = await filterOf(different);
      const page = await rowsRead(() => readEntries(pool, filter, { limit: 100, after: undefined }));
      const extent = await rowsRead(() => readExtent(pool, filter));
      expect([page, extent].filter((read) => read > few)).to.deep.equal([]);
    });
  }
});
