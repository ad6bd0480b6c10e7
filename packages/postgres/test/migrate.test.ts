import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { migrate } from "../src/migrate.ts";
import { readMigrations } from "../src/migration-files.ts";
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

  it("lets five migrators start at once and one of them do the work (fault 45)", async () => {
    await using database = await testDatabase({ migrated: false });
    const applied = await Promise.all(
      Array.from({ length: 5 }, () => migrate(database.migratorUrl, quietly)),
    );
    expect(applied.flat()).to.deep.equal(await allNames());
  });

  it("refuses to go on as another role than began, whose functions everybody could call", async () => {
    await using database = await testDatabase({ migrated: false });
    await migrate(database.migratorUrl, quietly);
    const pool = poolOf(database.migratorUrl);
    await pool.query("delete from takings.migrations where name like '000006%'");
    await pool.end();
    const failure = await migrate(database.superuserUrl, quietly).catch((error: unknown) => error);
    expect(failure).to.be.an("error").with.property("message").that.includes("migrate as takings_migrator");
  });

  it("refuses a database that is ahead of this version", async () => {
    await using database = await testDatabase();
    const pool = poolOf(database.migratorUrl);
    await pool.query(
      "insert into takings.migrations (name, checksum) values ('999999_from_the_future.sql', '')",
    );
    await pool.end();
    const failure = await migrate(database.migratorUrl, quietly).catch((error: unknown) => error);
    expect(failure).to.be.an("error").with.property("message").that.includes("999999_from_the_future.sql");
  });
});

describe("the roles", () => {
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
      it(`do not let the ${role} run: ${statement}`, async () => {
        const pool = poolOf(urls[role]());
        const failure = await pool.query(statement).catch((error: unknown) => error);
        await pool.end();
        expect(failure).to.have.property("code", "42501");
      });
    }
  }
});
