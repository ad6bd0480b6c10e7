import { rejects } from "node:assert/strict";
import { withClient } from "@takings/local";
import { expect } from "chai";
import { describe, it } from "mocha";
import { testDatabase } from "../src/database.ts";

async function tables(url: string): Promise<number> {
  const text = "select from pg_tables where schemaname not in ('pg_catalog', 'information_schema')";
  return (await withClient(url, (client) => client.query(text))).rowCount ?? 0;
}

describe("a test's own database", () => {
  it("has the project's tables", async () => {
    await using database = await testDatabase();
    expect(await tables(database.superuserUrl)).to.be.greaterThan(0);
  });

  it("is empty on request", async () => {
    await using database = await testDatabase({ migrated: false });
    expect(await tables(database.migratorUrl)).to.equal(0);
  });

  it("accepts each role", async () => {
    await using database = await testDatabase();
    for (const url of [database.migratorUrl, database.writerUrl, database.readerUrl]) {
      expect((await withClient(url, (client) => client.query("select 1"))).rowCount).to.equal(1);
    }
  });

  it("is dropped even while clients are connected", async () => {
    const database = await testDatabase();
    await withClient(database.readerUrl, () => database.drop());
    await rejects(tables(database.superuserUrl), /does not exist/);
  });
});
