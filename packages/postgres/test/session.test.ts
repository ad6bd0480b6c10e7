import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { openClient } from "../src/session/open-client.ts";
import { applySettings } from "../src/session/session.ts";
import { poolOf } from "./test-store.ts";

const shown = {
  statement_timeout: "5s",
  lock_timeout: "3s",
  idle_in_transaction_session_timeout: "15s",
  synchronous_commit: "on",
  client_min_messages: "warning",
  default_transaction_isolation: "read committed",
  search_path: "pg_catalog, pg_temp",
  TimeZone: "UTC",
  DateStyle: "ISO, MDY",
  jit: "off",
};

async function settingsOf(pool: Pool): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ name: string; value: string }>(
    "select name, current_setting(name) as value from unnest($1::text[]) as name",
    [Object.keys(shown)],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

describe("the settings of a session", () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });
  after(() => database.drop());

  const withParameters = (parameters: Record<string, string>): string =>
    `${database.writerUrl}?${new URLSearchParams(parameters).toString()}`;

  const urls: Readonly<Record<string, () => string>> = {
    "the URL says nothing": () => database.writerUrl,
    "the URL has options": () => withParameters({ options: "-c work_mem=12345" }),
    "the URL's options say otherwise": () =>
      withParameters({
        options:
          "-c synchronous_commit=off -c statement_timeout=0 -c search_path=takings -c datestyle=SQL -c client_min_messages=error -c default_transaction_isolation=serializable",
      }),
    "the URL's own parameters say otherwise": () =>
      withParameters({ statement_timeout: "0", lock_timeout: "0", idle_in_transaction_session_timeout: "0" }),
  };

  for (const [circumstance, url] of Object.entries(urls)) {
    it(`are enforced when ${circumstance}`, async () => {
      const pool = poolOf(url());
      expect(await settingsOf(pool)).to.deep.equal(shown);
      await pool.end();
    });
  }

  it("are enforced when the login has other defaults", async () => {
    const superuser = poolOf(database.superuserUrl);
    const only = `in database ${database.name}`;
    await superuser.query(`alter role takings_consumer ${only} set synchronous_commit = off`);
    await superuser.query(`alter role takings_consumer ${only} set search_path = takings`);
    const pool = poolOf(database.writerUrl);
    expect(await settingsOf(pool)).to.deep.equal(shown);
    await pool.end();
    await superuser.query(`alter role takings_consumer ${only} reset all`);
    await superuser.end();
  });

  it("keep the other options of the URL, because hosting providers route by them", async () => {
    const pool = poolOf(withParameters({ options: "-c work_mem=12345" }));
    const { rows } = await pool.query<{ work_mem: string }>("show work_mem");
    expect(rows).to.deep.equal([{ work_mem: "12345kB" }]);
    await pool.end();
  });

  it("leave a direct connection its prepared statements", async () => {
    const pool = poolOf(database.readerUrl);
    await createPaymentReader(pool).safeReadTime();
    const { rows } = await pool.query("select name from pg_prepared_statements");
    expect(rows).to.deep.equal([{ name: "safe read time" }]);
    await pool.end();
  });

  it("are enforced for single connections as well", async () => {
    const client = await openClient(withParameters({ options: "-c synchronous_commit=off" }), {
      name: "test",
      settings: { work_mem: "65536" },
    });
    const { rows } = await client.query(
      "select current_setting('synchronous_commit') as commit, current_setting('work_mem') as memory, current_setting('application_name') as name",
    );
    expect(rows).to.deep.equal([{ commit: "on", memory: "64MB", name: "takings-test" }]);
    await client.end();
  });

  it("that cannot be enforced are named, and the connection is refused", async () => {
    const deaf = { processID: 1, query: async () => ({ rows: [{ pid: 1, name: "jit", setting: "on" }] }) };
    const failure = await applySettings(deaf as never, { jit: "off", timezone: "UTC" }).catch(
      (error: unknown) => error,
    );
    expect(failure).to.have.property("code", "unavailable");
    expect(failure).to.have.property("message").that.includes("jit is not off, timezone is not UTC");
  });
});
