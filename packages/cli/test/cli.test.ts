import { createPool } from "@takings/postgres";
import { testDatabase, testNats } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { takings } from "./takings.ts";

describe("takings migrate", () => {
  it("migrates a database, and reports when it is up to date", async () => {
    await using database = await testDatabase({ migrated: false });
    const env = { DATABASE_URL: database.migratorUrl };
    expect(await takings(["migrate"], env)).to.have.property("code", 0);
    expect(await takings(["migrate"], env)).to.deep.equal({
      code: 0,
      output: "the database is up to date\n",
    });
  });

  it("rejects a database of another commit and says what to do", async () => {
    await using database = await testDatabase();
    const pool = createPool({
      url: database.migratorUrl,
      name: "test",
      max: 1,
      statementTimeoutMs: 5_000,
      onIdleError: () => {},
    });
    await pool.query("update takings.migrations set checksum = 'other' where name like '000001%'");
    await pool.end();
    expect(await takings(["migrate"], { DATABASE_URL: database.migratorUrl })).to.deep.equal({
      code: 1,
      output:
        "takings: migration 000001_schema.sql was applied in another version of this file; this database belongs to another commit: run that one, or begin with an empty database (in the local run: pnpm start --fresh)\n",
    });
  });

  it("names a missing setting", async () => {
    const { code, output } = await takings(["migrate"], {});
    expect([code, output]).to.deep.equal([
      1,
      "the environment is not usable:\n  DATABASE_URL: is required\n",
    ]);
  });

  it("fails with one line when there is no database", async () => {
    const { code, output } = await takings(["migrate"], { DATABASE_URL: "postgres://127.0.0.1:1/takings" });
    expect(code).to.equal(1);
    expect(output).to.match(/^takings: .*127\.0\.0\.1:1\n$/);
  });
});

describe("takings stream", () => {
  it("creates the stream, and can be run again", async () => {
    await using nats = await testNats();
    const env = { NATS_URL: nats.urls.admin };
    expect(await takings(["stream"], env)).to.deep.equal({
      code: 0,
      output:
        "stream STRIPE_EVENTS created: num_replicas 1, max_bytes 10000000000\nconsumer revenue created\nthe stream and its consumer are in place\n",
    });
    expect(await takings(["stream"], env)).to.deep.equal({
      code: 0,
      output: "the stream and its consumer are in place; nothing was changed\n",
    });
  });

  it("changes only what is given, and rejects a lower capacity or fewer replicas unless forced", async () => {
    await using nats = await testNats();
    const env = { NATS_URL: nats.urls.admin };
    await takings(["stream"], { ...env, STREAM_MAX_BYTES: "50000000" });
    expect((await takings(["stream"], env)).output).to.include("nothing was changed");
    const smaller = { ...env, STREAM_MAX_BYTES: "10000000" };
    const refused = await takings(["stream"], smaller);
    expect(refused.code).to.equal(1);
    expect(refused.output).to.include("max_bytes 50000000 → 10000000; nothing was changed");
    expect((await takings(["stream", "--force"], smaller)).output).to.include(
      "stream STRIPE_EVENTS: max_bytes 50000000 → 10000000\n",
    );
  });

  it("names every bad setting at once", async () => {
    const { code, output } = await takings(["stream"], { NATS_URL: "http://x", STREAM_REPLICAS: "many" });
    expect(code).to.equal(1);
    expect(output).to.include("NATS_URL: ").and.include("STREAM_REPLICAS: ");
  });

  it("fails with one line when no server responds", async () => {
    const { code, output } = await takings(["stream"], { NATS_URL: "nats://user:hidden@127.0.0.1:1" });
    expect([code, output]).to.deep.equal([
      1,
      "takings: no NATS server responds at nats://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n",
    ]);
  });
});
