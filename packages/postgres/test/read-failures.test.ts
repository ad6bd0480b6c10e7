import { TakingsError } from "@takings/domain";
import { testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { runRead } from "../src/session/run-read.ts";
import { poolOf, createTestStore } from "./test-store.ts";

describe("a read that fails", () => {
  it("is unavailable when the database cannot be reached", async () => {
    const pool = poolOf("postgres://takings@127.0.0.1:1/takings");
    const error = await createPaymentReader(pool)
      .safeReadTime()
      .catch((caught: unknown) => caught);
    await pool.end();
    expect(error).to.be.instanceOf(TakingsError).with.property("code", "unavailable");
  });

  it("is unavailable when the database was never migrated", async () => {
    await using database = await testDatabase({ migrated: false });
    const pool = poolOf(database.superuserUrl);
    const error = await createPaymentReader(pool)
      .safeReadTime()
      .catch((caught: unknown) => caught);
    await pool.end();
    expect(error).to.be.instanceOf(TakingsError).with.property("code", "unavailable");
  });

  it("is unavailable when the statement takes too long", async () => {
    await using database = await testDatabase();
    const pool = poolOf(database.readerUrl, 50);
    const read = { what: "a nap", text: "select pg_sleep(60)", values: [], parse: (row: unknown) => row };
    const error = await runRead(pool, read).catch((caught: unknown) => caught);
    await pool.end();
    expect(error).to.be.instanceOf(TakingsError).with.property("code", "unavailable");
  });

  it("is a defect when the statement is wrong", async () => {
    await using database = await testDatabase();
    const pool = poolOf(database.readerUrl);
    const read = { what: "nonsense", text: "select 1/0", values: [], parse: (row: unknown) => row };
    const error = await runRead(pool, read).catch((caught: unknown) => caught);
    await pool.end();
    expect(error).to.be.instanceOf(Error).and.not.instanceOf(TakingsError);
  });
});

describe("the safe read time", () => {
  it("is before everything that a transaction in progress may still record", async () => {
    const store = await createTestStore();
    const writing = await store.admin.connect();
    await writing.query("begin");
    await writing.query("create temporary table recording as select takings.begin_recording() as moment");
    const safe = await store.reader.safeReadTime();
    const { rows } = await writing.query("select $1::timestamptz < moment as is_before from recording", [
      safe,
    ]);
    await writing.query("rollback");
    writing.release();
    await store.close();
    expect(rows).to.deep.equal([{ is_before: true }]);
  });
});
