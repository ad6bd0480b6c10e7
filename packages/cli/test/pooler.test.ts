import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createPaymentService } from "@takings/domain";
import {
  createPaymentWriter,
  createPool,
  migrate,
  readCommittedSequences,
  withReconciliationStore,
} from "@takings/postgres";
import {
  canRunPgbouncer,
  type TestDatabase,
  testDatabase,
  type TestPgbouncer,
  testPgbouncer,
  testVariable,
} from "@takings/testkit";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { quarantineCommand } from "../src/quarantine/quarantine-command.ts";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { run, takings } from "./takings.ts";

const what = "commands through PgBouncer in transaction mode";
const scope = { source: "default", account: null, livemode: true };
const payments = createPaymentService();

function recordOf(n: number): ReturnType<typeof toEventRecord> {
  const object = { id: `pi_${n}`, amount_received: 100 + n, currency: "usd" };
  const created = 1_700_000_000 + n;
  const event = {
    id: `evt_${n}`,
    type: "payment_intent.succeeded",
    created,
    livemode: true,
    data: { object },
  };
  return toEventRecord(
    { source: "default", body: Buffer.from(JSON.stringify(event)), receivedAt: new Date() },
    payments,
  );
}

if (canRunPgbouncer(what)) {
  describe(what, function () {
    this.timeout(60_000);
    let database: TestDatabase;
    let pooler: TestPgbouncer;

    before(async () => {
      database = await testDatabase();
      const { writerUrl, readerUrl, migratorUrl, purgerUrl, reconcilerUrl } = database;
      const urls = [writerUrl, readerUrl, migratorUrl, purgerUrl, reconcilerUrl] as const;
      pooler = await testPgbouncer(urls, { pool_mode: "transaction", default_pool_size: 3 });
      const limits = { max: 1, statementTimeoutMs: 5_000, onIdleError: () => {} };
      const writing = createPool({ url: pooler.through(writerUrl), name: "test", ...limits });
      await createPaymentWriter(writing).record(Array.from({ length: 20 }, (_, n) => recordOf(n)));
      await writing.end();
    });
    after(async () => {
      await pooler?.[Symbol.asyncDispose]();
      await database?.drop();
    });

    const through = (name: "readerUrl" | "migratorUrl"): { DATABASE_URL: string } => ({
      DATABASE_URL: pooler.through(database[name]),
    });

    it("migrate an empty database, one of several at the same time", async () => {
      await using empty = await testDatabase({ migrated: false });
      const url = pooler.through(empty.migratorUrl);
      const applied = await Promise.all([migrate(url, () => {}), migrate(url, () => {})]);
      expect(applied.flat()).to.have.length.greaterThan(0);
      expect(new Set(applied.flat())).to.have.length(applied.flat().length);
      expect((await takings(["migrate"], { DATABASE_URL: url })).code).to.equal(0);
    });

    it("refuse a migration outside a transaction, naming the pooler and what to do", async () => {
      await using empty = await testDatabase({ migrated: false });
      const folder = mkdtempSync(join(testVariable("TEST_DIR"), "migrations-"));
      writeFileSync(
        join(folder, "000001_index.sql"),
        "-- Runs outside a transaction.\ncreate index concurrently on takings.migrations (applied_at)",
      );
      const options = { folder: pathToFileURL(`${folder}/`) };
      const failure = await migrate(pooler.through(empty.migratorUrl), () => {}, options).catch(String);
      expect(failure).to.include("connection pooler").and.include("connect to PostgreSQL directly");
      expect(await migrate(empty.migratorUrl, () => {}, options)).to.deep.equal(["000001_index.sql"]);
    });

    it("verify and rebuild the store, and list the quarantine", async () => {
      const rebuilt = await run(rebuildCommand, [], through("migratorUrl"));
      expect(rebuilt, rebuilt.output).to.include({ code: 0 });
      const verified = await run(verifyCommand, [], through("readerUrl"));
      expect(verified, verified.output).to.include({ code: 0 });
      expect(verified.output).to.include("20 events");
      expect(await run(quarantineCommand, ["list"], through("readerUrl"))).to.include({ code: 0 });
    });

    it("read the committed sequences for a purge", async () => {
      expect(await readCommittedSequences(pooler.through(database.purgerUrl), "none")).to.deep.equal([]);
    });

    it("reconcile a scope one at a time, also next to a direct connection, and release it", async () => {
      const urls = [database.reconcilerUrl, pooler.through(database.reconcilerUrl)];
      for (const [first = "", second = ""] of [urls, urls.toReversed(), [urls[1], urls[1]]]) {
        await withReconciliationStore(first, scope, async (store) => {
          // Whatever server connection this gets, the lock is held.
          await store.read();
          const failure = await withReconciliationStore(second, scope, async () => "ran").catch(String);
          expect(failure).to.include("another process is reconciling this source, account and mode");
          await store.finish(undefined);
        });
      }
    });
  });
}
