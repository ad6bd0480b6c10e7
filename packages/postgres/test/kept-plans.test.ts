import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { Client } from "pg";
import { keepPlansOfNamed } from "../src/session/kept-plans.ts";
import { openClient } from "../src/session/open-client.ts";

type Counts = { readonly name: string; readonly generic: number; readonly custom: number };

describe("a named statement", () => {
  let database: TestDatabase;
  let client: Client;

  before(async () => {
    database = await testDatabase();
  });
  beforeEach(async () => {
    client = await openClient(database.superuserUrl, { name: "test" });
    await client.query("create temporary table numbers as select generate_series(1, 10000) as n");
    await client.query("create index on numbers (n)");
    await client.query("analyze numbers");
  });
  afterEach(() => client.end());
  after(() => database.drop());

  /** PostgreSQL would plan it anew for each value, because the plan for all values looks dearer. */
  const text = "select count(*) from numbers where n < $1::integer";
  const named = (value: number): Promise<unknown> => client.query({ name: "few", text, values: [value] });
  const counts = async (): Promise<readonly Counts[]> => {
    const { rows } = await client.query<Counts>(
      "select name, generic_plans::integer as generic, custom_plans::integer as custom from pg_prepared_statements",
    );
    return rows;
  };
  const mode = async (): Promise<unknown> => (await client.query("show plan_cache_mode")).rows[0];

  it("is planned once, whatever its values", async () => {
    for (let value = 0; value < 10; value += 1) await named(value);
    expect(await counts()).to.deep.equal([{ name: "few", generic: 10, custom: 0 }]);
  });

  it("is planned for each value without that", async () => {
    await client.query("prepare without (integer) as select count(*) from numbers where n < $1");
    for (let value = 0; value < 10; value += 1) await client.query(`execute without (${value})`);
    const [{ generic, custom } = { generic: -1, custom: -1 }] = await counts();
    expect({ generic, custom }).to.deep.equal({ generic: 0, custom: 10 });
  });

  it("leaves others to be planned with their values", async () => {
    await named(1);
    await client.query(text, [2]);
    expect(await mode()).to.deep.equal({ plan_cache_mode: "auto" });
    await named(3);
    await client.query({ text, values: [4] });
    expect(await mode()).to.deep.equal({ plan_cache_mode: "auto" });
  });

  it("is planned anew after ten seconds, because tables grow", async () => {
    let now = 0;
    const plain = new Client(database.superuserUrl);
    await plain.connect();
    keepPlansOfNamed(plain, () => now);
    await plain.query("create temporary table growing (n integer); create index on growing (n)");
    const find = (): Promise<unknown> =>
      plain.query({ name: "one", text: "select n from growing where n = $1::integer", values: [1] });
    const planRows = async (): Promise<number> => {
      const { rows } = await plain.query<{ "QUERY PLAN": string }>("explain execute one (1)");
      return Number(/rows=(\d+)/.exec(rows[0]?.["QUERY PLAN"] ?? "")?.[1]);
    };
    await find();
    const whenEmpty = await planRows();
    await plain.query("insert into growing select generate_series(1, 100000)");
    now = 10_000;
    await find();
    expect(await planRows()).to.equal(whenEmpty);
    now = 10_001;
    await find();
    expect(await planRows()).to.be.above(whenEmpty);
    await plain.end();
  });

  it("keeps its plan after a transaction that used it was rolled back", async () => {
    await client.query("begin");
    await named(1);
    await client.query("rollback");
    for (let value = 0; value < 10; value += 1) await named(value);
    expect(await counts()).to.deep.equal([{ name: "few", generic: 11, custom: 0 }]);
  });

  it("keeps its plan after a transaction that failed", async () => {
    await client.query("begin");
    await client.query("select 1 / $1::integer", [0]).catch(() => {});
    await named(1).catch(() => {});
    await client.query("rollback");
    await named(2);
    expect(await counts()).to.deep.equal([{ name: "few", generic: 1, custom: 0 }]);
  });
});
