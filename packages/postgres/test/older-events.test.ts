import { readFile } from "node:fs/promises";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { knownMigrations, migrate } from "../src/migrate.ts";
import { createPaymentReader } from "../src/payment-reader.ts";
import { prunePayloads } from "../src/prune-payloads.ts";
import { poolOf, urlOfPruner } from "./reading-store.ts";

const payload = '{ "id" : "evt_older" }';

describe("events from before payloads were compressed", () => {
  let database: TestDatabase;

  before(async () => {
    database = await testDatabase({ migrated: false });
    const pool = poolOf(database.migratorUrl);
    await pool.query("create schema takings; create table takings.migrations (name text primary key)");
    for (const name of (await knownMigrations()).slice(0, 2)) {
      await pool.query(await readFile(new URL(`../migrations/${name}`, import.meta.url), "utf8"));
      await pool.query("insert into takings.migrations (name) values ($1)", [name]);
    }
    await pool.query(
      `insert into takings.events (event_id, type, created, received_at, recorded_at, status, payload)
       values ('evt_older', 'plan.created', '2024-01-01', '2024-01-01', '2024-01-01', 'processed', $1)`,
      [Buffer.from(payload)],
    );
    await pool.end();
    await migrate(database.migratorUrl, () => {});
  });

  after(() => database.drop());

  it("give their body back", async () => {
    const pool = poolOf(database.superuserUrl);
    const event = await createPaymentReader(pool).event("evt_older");
    await pool.end();
    expect(event?.payload).to.equal(payload);
  });

  it("keep their body, because what they claim is written nowhere else", async () => {
    const pool = poolOf(urlOfPruner(database));
    const removed = await prunePayloads(pool, { olderThanDays: 1 });
    await pool.end();
    expect(removed).to.equal(0);
  });
});
