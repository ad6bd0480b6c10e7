import { withClient } from "@takings/local";
import { storeBalance, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import * as balanceSql from "../src/monitoring/balance-sql.ts";
import { livemodes, sourceNames } from "../src/monitoring/dashboard-sql.ts";

describe("the dashboard of the balance", () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
    await storeBalance(database);
  });
  after(() => database.drop());

  const read = (query: string, account = "", source = "default"): Promise<Record<string, unknown>[]> => {
    const filled = query
      .replaceAll("${livemode:sqlstring}", "'true'")
      .replaceAll("${source:sqlstring}", `'${source}'`)
      .replaceAll("${account:sqlstring}", `'${account}'`)
      .replaceAll("$__timeFrom()", "(now() - interval '10 days')")
      .replaceAll("$__timeTo()", "now()");
    return withClient(database.readerUrl, async (client) => (await client.query(filled)).rows);
  };
  /** The rows with numbers instead of texts of decimals. */
  const numbers = (rows: Record<string, unknown>[], ...columns: string[]): unknown[] =>
    rows.map((row) => columns.map((column) => (column === "currency" ? row[column] : Number(row[column]))));

  for (const [whose, account] of [
    ["the platform", ""],
    ["all accounts", "*"],
  ] as const)
    it(`shows the balance of ${whose} in major units: what is available, pending and on its way`, async () => {
      const rows = await read(balanceSql.balanceNow, account);
      expect(numbers(rows, "currency", "available", "pending", "total", "in transit")).to.deep.equal([
        ["jpy", 2_900, 0, 2_900, 0],
        ["usd", -3.2, 48.25, 45.05, 20],
      ]);
    });

  it("adds up the blocks of every level of the rollup", async () => {
    const [row] = await read("select max(level) as largest from takings.balance_rollup");
    const levels = [...balanceSql.balanceNow.matchAll(/and level = (\d+)/g)].map(([, level]) =>
      Number(level),
    );
    expect(Math.max(...levels)).to.equal(row?.["largest"]);
    expect(levels).to.deep.equal(levels.map((_, level) => level));
  });

  it("shows no balance of an account that has none", async () => {
    expect(await read(balanceSql.balanceNow, "acct_1")).to.deep.equal([]);
  });

  it("shows no balance of another source, and of all sources the sum", async () => {
    await withClient(database.superuserUrl, async (client) => {
      await client.query("insert into takings.sources (name) values ('shop') on conflict do nothing");
      await client.query(
        `insert into takings.balance_rollup
         select (jsonb_populate_record(block, '{"source": "shop"}')).* from takings.balance_rollup as block
         where currency = 'jpy' on conflict do nothing`,
      );
    });
    const total = async (source: string): Promise<unknown> =>
      numbers(await read(balanceSql.balanceNow, "", source), "currency", "total");
    expect(await total("elsewhere")).to.deep.equal([]);
    expect(await total("shop")).to.deep.equal([["jpy", 2_900]]);
    expect(await total("*")).to.deep.equal([
      ["jpy", 5_800],
      ["usd", 45.05],
    ]);
    const choices = (await read(sourceNames)).map(({ source }) => source);
    expect(choices).to.deep.equal(["default", "*", "shop"]);
  });

  it("shows the total over time, which ends with that of this hour", async () => {
    const rows = await read(balanceSql.totalOverTime);
    const usd = rows.filter(({ metric }) => metric === "usd").map(({ total }) => Number(total));
    expect(usd.at(0)).to.equal(96.8);
    expect(usd.at(-1)).to.equal(45.05);
  });

  it("shows withheld and separate fees as a share of charges", async () => {
    const rows = await read(balanceSql.feeShare);
    expect(numbers(rows, "currency", "charges", "fees")).to.deep.equal([
      ["jpy", 3_000, 100],
      ["usd", 150, 14.95],
    ]);
    expect(Number(rows[1]?.["share"])).to.be.closeTo(1_495 / 15_000, 1e-9);
  });

  it("shows that share by day, for days with charges", async () => {
    const rows = await read(balanceSql.feeShareByDay);
    expect(rows.map(({ metric }) => metric)).to.include.members(["jpy", "usd"]);
    for (const { share } of rows) expect(Number(share)).to.be.within(0.03, 1);
  });

  it("shows payouts on their way, and by how much one differs from its members", async () => {
    const next = await read(balanceSql.nextPayouts);
    expect(next.map(({ payout, amount }) => [payout, Number(amount)])).to.deep.equal([["po_way", 20]]);
    const unexplained = await read(balanceSql.unexplainedPayouts);
    expect(unexplained.map(({ payout, unexplained: rest }) => [payout, Number(rest)])).to.deep.equal([
      ["po_paid", -6.8],
    ]);
  });

  it("shows how far each account is complete", async () => {
    const [row] = await read(balanceSql.completeness);
    expect(row?.["age"]).to.be.within(3_600, 3_700);
    expect(row).to.include({ source: "default", account: "", complete_from: null });
  });

  it("offers a mode that has a balance and no ledger entry", async () => {
    expect((await read(livemodes)).map(({ livemode }) => livemode)).to.deep.equal(["true"]);
  });
});
