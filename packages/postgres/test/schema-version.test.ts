import { readFileSync } from "node:fs";
import { eventually, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { checksumList, frozenListPath } from "../src/frozen-migrations.ts";
import { migrate } from "../src/migrate.ts";
import { readMigrations } from "../src/migration-files.ts";
import { createSchemaCheck } from "../src/schema-check.ts";
import { createMigrationsFolder } from "./migrations-folder.ts";
import { poolOf } from "./test-store.ts";

describe("the migrations", () => {
  it("are frozen: what was applied somewhere must not be edited. Before the first release `pnpm migrations` accepts a change", async () => {
    expect(readFileSync(frozenListPath, "utf8")).to.equal(checksumList(await readMigrations()));
  });

  it("have the same checksums however their lines end", async () => {
    using unix = createMigrationsFolder({ "000001_a.sql": "select 1;\nselect 2;\n" });
    using windows = createMigrationsFolder({ "000001_a.sql": "select 1;\r\nselect 2;\r\n" });
    expect(await readMigrations(unix.url)).to.deep.equal(await readMigrations(windows.url));
  });
});

describe("a database of another version", () => {
  let database: TestDatabase;
  let owner: Pool;
  beforeEach(async () => {
    database = await testDatabase();
    owner = poolOf(database.migratorUrl);
  });
  afterEach(async () => {
    await owner.end();
    await database.drop();
  });

  /** Ways to be another version, and what is said of each. */
  const others: Readonly<Record<string, { readonly change: string; readonly words: RegExp }>> = {
    "a migration was applied in another version of its file": {
      change: "update takings.migrations set checksum = 'other' where name like '000002%'",
      words: /migration 000002_meter.sql was applied in another version of this file.*--fresh/,
    },
    "it was made when no checksums were kept": {
      change: "alter table takings.migrations drop column checksum",
      words: /migration 000001_ledger.sql was applied in another version of this file/,
    },
    "it has a migration of another name": {
      change: "update takings.migrations set name = '000002_other.sql' where name like '000002%'",
      words: /has migration 000002_other.sql where this version has 000002_meter.sql/,
    },
  };

  for (const [circumstance, { change, words }] of Object.entries(others)) {
    it(`is refused by migrate, and said to be one to services, where ${circumstance}`, async () => {
      await owner.query(change);
      const failure = await migrate(database.migratorUrl, () => {}).catch((error: unknown) => error);
      expect(failure).to.have.property("message").that.matches(words);
      for (const url of [database.readerUrl, database.writerUrl]) {
        const pool = poolOf(url);
        expect(await createSchemaCheck(pool).fault()).to.match(words);
        await pool.end();
      }
    });
  }

  it("is unfit for services while it lacks a migration, or everything", async () => {
    const pool = poolOf(database.readerUrl);
    await owner.query("delete from takings.migrations where name like '000006%'");
    expect(await createSchemaCheck(pool).fault()).to.match(/lacks migration 000006.*run takings migrate/);
    await owner.query("drop table takings.migrations");
    expect(await createSchemaCheck(pool).fault()).to.match(/no schema of this version.*run takings migrate/);
    await pool.end();
  });

  it("is fit for services when it has more than they know, so that old ones go on in an upgrade", async () => {
    await owner.query("insert into takings.migrations (name, checksum) values ('999999_newer.sql', 'x')");
    const pool = poolOf(database.readerUrl);
    expect(await createSchemaCheck(pool).fault()).to.equal(undefined);
    await pool.end();
  });

  it("is noticed in time by a check that found it right before", async () => {
    const pool = poolOf(database.readerUrl);
    const check = createSchemaCheck(pool, 200);
    await check.require();
    await owner.query("update takings.migrations set checksum = 'other'");
    const found = await eventually("the change to be noticed", () => check.fault(), 30_000);
    expect(found).to.include("another version");
    const failure = await check.require().catch((error: unknown) => error);
    expect(failure).to.have.property("code", "unavailable");
    await pool.end();
  });
});
