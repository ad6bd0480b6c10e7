import { eventually, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Client, type Pool } from "pg";
import { migrate } from "../src/migrations/migrate.ts";
import { createMigrationsFolder } from "./migrations-folder.ts";
import { poolOf } from "./test-store.ts";

const first = { "000001_first.sql": "create table takings.things (id integer primary key)" };
const widening = { "000002_wider.sql": "alter table takings.things add column name text" };

describe("migrating while other sessions are active", () => {
  let database: TestDatabase;
  let owner: Pool;
  let reader: Client;
  beforeEach(async () => {
    database = await testDatabase({ migrated: false });
    owner = poolOf(database.migratorUrl);
    reader = new Client({ connectionString: database.migratorUrl, application_name: "long-report" });
    reader.on("error", () => {});
    await reader.connect();
  });
  afterEach(async () => {
    await reader.end();
    await owner.end();
    await database.drop();
  });

  async function indexes(): Promise<unknown[]> {
    const { rows } = await owner.query(
      "select relname, indisvalid from pg_index join pg_class on pg_class.oid = indexrelid where relname like 'things_by%'",
    );
    return rows;
  }

  it("lets queries through while it waits for a long transaction, reports that, and continues afterwards", async () => {
    using folder = createMigrationsFolder(first);
    await migrate(database.migratorUrl, () => {}, { folder: folder.url });
    await reader.query("begin; select from takings.things");
    folder.write("000002_wider.sql", widening["000002_wider.sql"]);
    const reported: string[] = [];
    const migrating = migrate(database.migratorUrl, (line) => reported.push(line), { folder: folder.url });
    const named = (): boolean => reported.some((line) => line.startsWith("waiting for pid"));
    await eventually("the reader to be named", () => named() || undefined);
    let longestMs = 0;
    for (const until = performance.now() + 4_000; performance.now() < until; ) {
      const started = performance.now();
      await owner.query("select from takings.things");
      longestMs = Math.max(longestMs, performance.now() - started);
    }
    await reader.query("commit");
    expect(await migrating).to.deep.equal(["000002_wider.sql"]);
    // The lock timeout is one second; a busy machine adds to that.
    expect(longestMs).to.be.lessThan(2_500);
    expect(reported.join("\n")).to.match(
      /waiting for pid \d+ \(application long-report, user takings_migrator, in a transaction since \d{4}-/,
    );
  });

  it("gives up after the given time, changes nothing, and reports the blocking session", async () => {
    using folder = createMigrationsFolder(first);
    await migrate(database.migratorUrl, () => {}, { folder: folder.url });
    await reader.query("begin; select from takings.things");
    folder.write("000002_wider.sql", widening["000002_wider.sql"]);
    const failure = await migrate(database.migratorUrl, () => {}, {
      folder: folder.url,
      waitMs: 2_500,
    }).catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.matches(/000002_wider.sql changed nothing.*application long-report.*migrate again/);
    await reader.query("commit");
    expect(await migrate(database.migratorUrl, () => {}, { folder: folder.url })).to.deep.equal([
      "000002_wider.sql",
    ]);
  });

  it("is not blocked by an advisory lock of any login", async () => {
    using folder = createMigrationsFolder(first);
    // Any login can take and keep such a lock.
    await reader.query("select pg_advisory_lock(1952541545, 1)");
    expect(await migrate(database.migratorUrl, () => {}, { folder: folder.url })).to.have.length(1);
  });

  it("waits for another migrator, no longer than the given time, and reports that it is one", async () => {
    using folder = createMigrationsFolder(first);
    await migrate(database.migratorUrl, () => {}, { folder: folder.url });
    await reader.query("begin; lock table takings.migration_lock in exclusive mode");
    const reported: string[] = [];
    const failure = await migrate(database.migratorUrl, (line) => reported.push(line), {
      folder: folder.url,
      waitMs: 1_500,
    }).catch((error: unknown) => error);
    expect(failure).to.have.property("message").that.includes("another takings migrate is running");
    expect(reported.join("\n")).to.include("application long-report");
  });

  it("lets only the owner of the tables take the lock of the migrators", async () => {
    await migrate(database.migratorUrl, () => {});
    for (const url of [database.writerUrl, database.readerUrl, database.reconcilerUrl]) {
      const other = poolOf(url);
      for (const mode of ["access share", "row exclusive", "exclusive"]) {
        const failure = await other
          .query(`begin; lock table takings.migration_lock in ${mode} mode`)
          .catch((error: unknown) => error);
        expect(failure).to.have.property("code", "42501");
      }
      await other.end();
    }
  });

  it("creates an index outside a transaction, while others write, where the migration requests it", async () => {
    using folder = createMigrationsFolder(first);
    await migrate(database.migratorUrl, () => {}, { folder: folder.url });
    folder.write(
      "000002_index.sql",
      "-- Runs outside a transaction.\ncreate index concurrently if not exists things_by_id on takings.things (id)",
    );
    expect(await migrate(database.migratorUrl, () => {}, { folder: folder.url })).to.have.length(1);
    expect(await indexes()).to.deep.equal([{ relname: "things_by_id", indisvalid: true }]);
  });

  it("creates an index again that an interrupted migration left invalid", async () => {
    using folder = createMigrationsFolder(first);
    await migrate(database.migratorUrl, () => {}, { folder: folder.url });
    await owner.query("insert into takings.things values (1)");
    folder.write(
      "000002_index.sql",
      "-- Runs outside a transaction.\ncreate index concurrently if not exists things_by_id on takings.things ((10 / (id - 1)))",
    );
    const failure = await migrate(database.migratorUrl, () => {}, { folder: folder.url }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.have.property("message").that.includes("division by zero");
    expect(await indexes()).to.deep.equal([{ relname: "things_by_id", indisvalid: false }]);
    await owner.query("delete from takings.things");
    expect(await migrate(database.migratorUrl, () => {}, { folder: folder.url })).to.have.length(1);
    expect(await indexes()).to.deep.equal([{ relname: "things_by_id", indisvalid: true }]);
  });
});
