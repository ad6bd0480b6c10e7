import { readFileSync } from "node:fs";
import { eventually, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { checksumsFile, checksumsOf } from "../src/migrations/migration-files.ts";
import { migrate } from "../src/migrations/migrate.ts";
import { readMigrations } from "../src/migrations/migration-files.ts";
import { createSchemaCheck } from "../src/migrations/schema-check.ts";
import { createMigrationsFolder, createNextVersion, type MigrationsFolder } from "./migrations-folder.ts";
import { poolOf } from "./test-store.ts";

describe("the migrations", () => {
  it("are frozen: a migration that was released must not change. Until the first release `pnpm migrations` accepts a change", async () => {
    expect(readFileSync(checksumsFile, "utf8")).to.equal(checksumsOf(await readMigrations()));
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
  let next: MigrationsFolder;
  beforeEach(async () => {
    next = await createNextVersion();
    database = await testDatabase();
    owner = poolOf(database.migratorUrl);
  });
  afterEach(async () => {
    await owner.end();
    await database.drop();
    next[Symbol.dispose]();
  });

  /** How a database can be another version, and what is said about it. Both migrations are applied. */
  const others: Readonly<Record<string, { readonly change: string; readonly words: RegExp }>> = {
    "its first migration was applied from another version of its file": {
      change: "update takings.migrations set checksum = 'other' where name like '000001%'",
      words: /migration 000001_schema.sql was applied in another version of this file.*--fresh/,
    },
    "a later migration was applied from another version of its file": {
      change: "update takings.migrations set checksum = 'other' where name like '000002%'",
      words: /migration 000002_next.sql was applied in another version of this file.*--fresh/,
    },
    "it has a migration of another name": {
      change: "update takings.migrations set name = '000002_other.sql' where name like '000002%'",
      words: /has migration 000002_other.sql where this version has 000002_next.sql/,
    },
  };

  for (const [circumstance, { change, words }] of Object.entries(others)) {
    it(`is refused by migrate and by services, where ${circumstance}`, async () => {
      const { url: folder } = next;
      await migrate(database.migratorUrl, () => {}, { folder });
      await owner.query(change);
      const failure = await migrate(database.migratorUrl, () => {}, { folder }).catch(
        (error: unknown) => error,
      );
      expect(failure).to.have.property("message").that.matches(words);
      for (const url of [database.readerUrl, database.writerUrl]) {
        const pool = poolOf(url);
        expect(await createSchemaCheck(pool, { folder }).fault()).to.match(words);
        await pool.end();
      }
    });
  }

  it("is refused by services while it lacks a migration, or all of them", async () => {
    const { url: folder } = next;
    const pool = poolOf(database.readerUrl);
    expect(await createSchemaCheck(pool, { folder }).fault()).to.match(
      /lacks migration 000002_next.*run takings migrate/,
    );
    await migrate(database.migratorUrl, () => {}, { folder });
    expect(await createSchemaCheck(pool, { folder }).fault()).to.equal(undefined);
    await owner.query("drop table takings.migrations");
    expect(await createSchemaCheck(pool).fault()).to.match(/no schema of this version.*run takings migrate/);
    await pool.end();
  });

  it("is accepted by services of an older version, so that they keep working during an upgrade", async () => {
    await migrate(database.migratorUrl, () => {}, { folder: next.url });
    const pool = poolOf(database.readerUrl);
    expect(await createSchemaCheck(pool).fault()).to.equal(undefined);
    await pool.end();
  });

  it("is noticed by a check that found it right before, when that result has expired", async () => {
    const pool = poolOf(database.readerUrl);
    const check = createSchemaCheck(pool, { trustMs: 200 });
    await check.require();
    await owner.query("update takings.migrations set checksum = 'other'");
    const found = await eventually("the change to be noticed", () => check.fault(), 30_000);
    expect(found).to.include("another version");
    const failure = await check.require().catch((error: unknown) => error);
    expect(failure).to.have.property("code", "unavailable");
    await pool.end();
  });
});
