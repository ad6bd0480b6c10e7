import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { migrate } from "../src/migrations/migrate.ts";
import { readMigrations } from "../src/migrations/migration-files.ts";
import { createNextVersion } from "./migrations-folder.ts";
import { poolOf, urlOfPruner } from "./test-store.ts";

const quietly = (): void => {};

async function allNames(): Promise<string[]> {
  return (await readMigrations()).map(({ name }) => name);
}

describe("migrating", () => {
  it("applies every migration once, and nothing the second time", async () => {
    await using database = await testDatabase({ migrated: false });
    expect(await migrate(database.migratorUrl, quietly)).to.deep.equal(await allNames());
    expect(await migrate(database.migratorUrl, quietly)).to.deep.equal([]);
  });

  it("is done once where five migrators start at the same time (fault 45)", async () => {
    await using database = await testDatabase({ migrated: false });
    const applied = await Promise.all(
      Array.from({ length: 5 }, () => migrate(database.migratorUrl, quietly)),
    );
    expect(applied.flat()).to.deep.equal(await allNames());
  });

  it("applies the migrations that a newer version adds, and no others", async () => {
    await using database = await testDatabase();
    using next = await createNextVersion();
    const { url: folder } = next;
    expect(await migrate(database.migratorUrl, quietly, { folder })).to.deep.equal(["000002_next.sql"]);
    expect(await migrate(database.migratorUrl, quietly, { folder })).to.deep.equal([]);
  });

  it("leaves nothing of a migration that fails, and applies it when it is corrected", async () => {
    await using database = await testDatabase();
    using next = await createNextVersion();
    next.write("000002_next.sql", "create table takings.half (id integer); select 1 / 0;");
    const { url: folder } = next;
    const failure = await migrate(database.migratorUrl, quietly, { folder }).catch((error: unknown) => error);
    expect(failure)
      .to.have.property("message")
      .that.matches(/migration 000002_next.sql failed and changed nothing: division by zero/);
    next.write("000002_next.sql", "create table takings.half (id integer);");
    expect(await migrate(database.migratorUrl, quietly, { folder })).to.deep.equal(["000002_next.sql"]);
  });

  it("refuses to continue as another role than began, because everybody could execute that role's functions", async () => {
    await using database = await testDatabase();
    using next = await createNextVersion();
    const { url: folder } = next;
    const failure = await migrate(database.superuserUrl, quietly, { folder }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.be.an("error").with.property("message").that.includes("migrate as takings_migrator");
  });

  it("refuses a database that a newer version has migrated", async () => {
    await using database = await testDatabase();
    using next = await createNextVersion();
    await migrate(database.migratorUrl, quietly, { folder: next.url });
    const failure = await migrate(database.migratorUrl, quietly).catch((error: unknown) => error);
    expect(failure).to.be.an("error").with.property("message").that.includes("000002_next.sql");
  });
});

describe("the roles of a migrated database", () => {
  const forbidden = {
    writer: [
      "delete from takings.events",
      "update takings.events set payload = ''",
      "delete from takings.ledger",
      "select payload from takings.events",
      "truncate takings.ledger",
      "create table takings.mine (x int)",
      "drop table takings.events",
      "insert into takings.migrations (name, checksum) values ('x', '')",
      "create role mine",
    ],
    reader: [
      "insert into takings.events (event_id) values ('x')",
      "update takings.ledger set amount = 1",
      "delete from takings.ledger",
      "select takings.begin_recording()",
      "create table takings.mine (x int)",
      "update takings.events set payload = null, payload_removed_at = now()",
      "set role takings_writer",
    ],
    pruner: [
      "select payload from takings.events",
      "update takings.events set facts = null",
      "update takings.events set status = 'processed'",
      "delete from takings.events",
      "select amount from takings.ledger",
      "insert into takings.events (event_id) values ('x')",
    ],
  } as const satisfies Record<string, readonly string[]>;

  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });
  after(() => database.drop());

  const urls = {
    writer: () => database.writerUrl,
    reader: () => database.readerUrl,
    pruner: () => urlOfPruner(database),
  };

  for (const role of ["writer", "reader", "pruner"] as const) {
    for (const statement of forbidden[role]) {
      it(`deny the ${role}: ${statement}`, async () => {
        const pool = poolOf(urls[role]());
        const failure = await pool.query(statement).catch((error: unknown) => error);
        await pool.end();
        expect(failure).to.have.property("code", "42501");
      });
    }
  }
});
