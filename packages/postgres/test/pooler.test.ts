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
import { Client, type Pool, type PoolClient } from "pg";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { inTransaction } from "../src/session/in-transaction.ts";
import { createPool } from "../src/session/pool.ts";
import { filterNow } from "./test-store.ts";

const what = "PgBouncer before PostgreSQL";
const clients = 8;

/** In transaction mode fewer than clients, so that transactions share server connections. */
const poolSizes = { session: 20, transaction: 2 };
/** What PgBouncer does with the options of a connection; by default it refuses them. */
const startupOptions = { refused: "", ignored: "options, extra_float_digits" };

/** Defaults of the login that each statement of the product overrides, and what must be in effect instead. */
const defaults = {
  synchronous_commit: "off",
  statement_timeout: "1h",
  default_transaction_isolation: "serializable",
  search_path: "takings",
  client_min_messages: "error",
};
const required = {
  synchronous_commit: "on",
  statement_timeout: "5s",
  default_transaction_isolation: "read committed",
  search_path: "pg_catalog, pg_temp",
  client_min_messages: "warning",
  transaction_isolation: "read committed",
};

type Queryable = Pick<PoolClient, "query">;

async function settingsOf(client: Queryable | Pool, names: object): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    "select name, pg_catalog.current_setting(name) as value from unnest($1::text[]) as name",
    [Object.keys(names)],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

async function withPlainClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs something `count` times, as many at once as there are clients. */
async function inParallel<T>(count: number, make: (index: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  const indexes = Array.from({ length: count }, (_, index) => index).values();
  const worker = async (): Promise<void> => {
    // The workers share the iterator.
    for (const index of indexes) results.push(await make(index));
  };
  await Promise.all(Array.from({ length: clients }, worker));
  return results;
}

function defineMode(mode: keyof typeof poolSizes, options: keyof typeof startupOptions): void {
  describe(`${what} in ${mode} mode, with startup options ${options}`, () => {
    let database: TestDatabase;
    let pooler: TestPgbouncer;
    let writing: Pool;
    let reading: Pool;

    before(async function () {
      this.timeout(60_000);
      database = await testDatabase();
      const { superuserUrl, writerUrl, readerUrl } = database;
      await withPlainClient(superuserUrl, async (superuser) => {
        for (const role of ["takings_consumer", "takings_query"])
          for (const [name, value] of Object.entries(defaults))
            await superuser.query(`alter role ${role} in database ${database.name} set ${name} = '${value}'`);
      });
      pooler = await testPgbouncer([superuserUrl, writerUrl, readerUrl], {
        pool_mode: mode,
        default_pool_size: poolSizes[mode],
        ignore_startup_parameters: startupOptions[options],
      });
      const open = (url: string): Pool => {
        const limits = { max: clients, statementTimeoutMs: 5_000, onIdleError: () => {} };
        return createPool({ url: pooler.through(url), name: "test", ...limits });
      };
      [writing, reading] = [open(writerUrl), open(readerUrl)];
    });
    after(async () => {
      await Promise.all([writing?.end(), reading?.end()]);
      await pooler?.[Symbol.asyncDispose]();
      await database?.drop();
    });

    it("records what parallel writers send, each event once", async () => {
      const writer = createPaymentWriter(writing);
      const idOf = (index: number): string => `evt_${index % 100}`;
      const fresh = await inParallel(40, (batch) =>
        writer.record([0, 1, 2, 3, 4].map((n) => eventWithEntry({ eventId: idOf(batch * 3 + n) }))),
      );
      const ids = Array.from({ length: 100 }, (_, index) => idOf(index)).toSorted();
      expect(fresh.flatMap((of) => [...of.keys()]).toSorted()).to.deep.equal(ids);
    });

    it("answers every kind of read, many in parallel", async () => {
      const reader = createPaymentReader(reading);
      const filter = await filterNow(reader);
      const page = { limit: 10, after: undefined };
      const kinds: readonly (() => Promise<unknown>)[] = [
        () => reader.safeReadTime(),
        () => reader.sums(filter),
        () => reader.sums({ ...filter, account: "*" }),
        () => reader.extent(filter),
        () => reader.entries(filter, page),
        () => reader.changes(filter, "2000-01-01T00:00:00Z", page),
        () => reader.events({ ...filter, type: undefined }, page),
        () => reader.event("evt_1", "default"),
        () => reader.payment("pi_1", "default", filter.asOf),
        () => reader.gaps({ ...filter, kind: undefined }, page),
        () => reader.reconciliations(),
      ];
      await inParallel(12 * kinds.length, async (index) => kinds[index % kinds.length]?.());
    });

    it("has the required settings in effect in each statement and transaction, whatever the login's are", async () => {
      const found = await inParallel(4 * clients, (index) =>
        index % 2 === 0
          ? settingsOf(writing, required)
          : inTransaction(writing, (client) => settingsOf(client, required)),
      );
      for (const settings of found) expect(settings).to.deep.equal(required);
    });

    it("leaves other clients the defaults of the login", async () => {
      const found = await inParallel(4, () =>
        withPlainClient(pooler.through(database.writerUrl), (client) => settingsOf(client, defaults)),
      );
      for (const settings of found) expect(settings).to.deep.equal(defaults);
    });
  });
}

if (canRunPgbouncer(what)) {
  for (const mode of ["session", "transaction"] as const)
    for (const options of ["refused", "ignored"] as const) defineMode(mode, options);
}
