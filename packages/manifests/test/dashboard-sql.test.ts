import { withClient } from "@takings/local";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { hourAgainstLastWeek, livemodes } from "../src/monitoring/dashboard-sql.ts";

describe("the mode on the dashboard", () => {
  let database: TestDatabase;
  before(async () => {
    database = await testDatabase();
  });
  after(() => database.drop());

  const read = (query: string): Promise<Record<string, unknown>[]> =>
    withClient(database.readerUrl, async (client) => (await client.query(query)).rows);
  const choices = async (): Promise<unknown[]> => (await read(livemodes)).map(({ livemode }) => livemode);
  /** Reads the revenue panel with a value of the variable. */
  const revenue = (livemode: string, source = "default"): Promise<Record<string, unknown>[]> =>
    read(
      hourAgainstLastWeek
        .replaceAll("${livemode:sqlstring}", `'${livemode}'`)
        .replaceAll("${source:sqlstring}", `'${source}'`)
        .replaceAll("${account:sqlstring}", "''"),
    );
  const add = (livemode: boolean): Promise<unknown> =>
    withClient(database.migratorUrl, (client) =>
      client.query(
        `insert into takings.ledger (id, kind, source, account, livemode, object_id, amount, currency, occurred_at,
           event_id, recorded_at)
         values ($1, 'payment', 'default', '', $2, 'pi_1', 1250, 'usd', now(), 'evt_1', now())`,
        [`payment ${livemode}`, livemode],
      ),
    );

  it("is none while there are no entries, because Grafana needs a value, and then no query fails", async () => {
    expect(await choices()).to.deep.equal(["none"]);
    expect(await revenue("none")).to.deep.equal([]);
  });

  it("is test mode at first while there are only entries of test mode, as from the demo", async () => {
    await add(false);
    const [first] = await choices();
    expect(first).to.equal("false");
    expect((await revenue(String(first))).map((row) => Number(row["last 60 minutes"]))).to.deep.equal([12.5]);
  });

  it("is live mode at first once there are entries of it", async () => {
    await add(true);
    expect(await choices()).to.deep.equal(["true", "false"]);
  });

  it("shows the revenue of one source, or of all together", async () => {
    await withClient(database.migratorUrl, (client) =>
      client.query(`insert into takings.sources values ('shop');
        insert into takings.ledger (id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id, recorded_at)
        select 'le_shop', kind, 'shop', account, livemode, object_id, 750, currency, occurred_at, event_id, recorded_at
        from takings.ledger where livemode`),
    );
    const shown: unknown[] = [];
    for (const source of ["default", "shop", "*", "nobody"])
      shown.push((await revenue("true", source)).map((row) => Number(row["last 60 minutes"])));
    expect(shown).to.deep.equal([[12.5], [7.5], [20], []]);
  });
});
