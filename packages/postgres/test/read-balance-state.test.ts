import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { readBalanceState } from "../src/balance/read-balance-state.ts";
import { poolOf } from "./test-store.ts";

describe("the state of the balance ledger", () => {
  let database: TestDatabase;
  let admin: Pool;
  let reader: Pool;
  before(async () => {
    database = await testDatabase();
    [admin, reader] = [poolOf(database.superuserUrl), poolOf(database.readerUrl)];
    await admin.query("update takings.balance_watermark set watermark = '2026-02-01T00:00:00Z'");
  });
  beforeEach(() => admin.query("truncate takings.balance_syncs, takings.payouts, takings.payout_totals"));
  after(async () => {
    await Promise.all([admin.end(), reader.end()]);
    await database.drop();
  });

  const sync = (
    account: string,
    livemode: boolean,
    through: string | null,
    source = "default",
  ): Promise<unknown> =>
    admin.query(
      `insert into takings.balance_syncs (source, account, livemode, complete_through, complete_recorded_at)
       values ($4, $1, $2, $3, $3)`,
      [account, livemode, through, source],
    );
  /** Adds a completed automatic payout of 100 that arrived yesterday, with members that add up to `net`. */
  const payout = async (id: string, net: bigint | undefined, different: object = {}): Promise<void> => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    const times = {
      arrival_date: yesterday,
      created: yesterday,
      said_at: yesterday,
      said_received_at: yesterday,
    };
    const row = {
      id,
      source: "default",
      account: "",
      livemode: true,
      amount: 100,
      currency: "usd",
      status: "paid",
      automatic: true,
      reconciliation_status: "completed",
      members: 2,
      event_id: `evt_${id}`,
      recorded_at: "2026-01-31T00:00:00Z",
      ...times,
      ...different,
    };
    await admin.query(
      "insert into takings.payouts select * from json_populate_record(null::takings.payouts, $1)",
      [JSON.stringify(row)],
    );
    if (net === undefined) return;
    await admin.query(
      `insert into takings.payout_totals (payout, source, account, livemode, reporting_category, count, gross, fee, net)
       values ($1, 'default', '', true, 'charge', 1, $2::numeric + 50, 10, $2::numeric + 40),
         ($1, 'default', '', true, 'refund', 1, -40, 0, -40)`,
      [id, net],
    );
  };

  it("has each scope of which a round began, with the end of the last finished one", async () => {
    await sync("", true, "2026-01-01T00:00:00.5Z");
    await sync("acct_1", false, null);
    const { scopes } = await readBalanceState(reader);
    expect(scopes).to.have.deep.members([
      {
        source: "default",
        account: null,
        livemode: true,
        completeThrough: Date.parse("2026-01-01T00:00:00.5Z") / 1_000,
      },
      { source: "default", account: "acct_1", livemode: false, completeThrough: undefined },
    ]);
  });

  it("counts the payouts whose members add up to another amount", async () => {
    await sync("", true, null);
    await payout("po_equal", 100n);
    await payout("po_less", 99n);
    await payout("po_more", 101n);
    await payout("po_without_members", undefined);
    expect((await readBalanceState(reader)).unexplained).to.deep.equal([
      { source: "default", livemode: true, payouts: 3 },
    ]);
  });

  for (const [what, different] of [
    ["is manual", { automatic: false }],
    ["is not reconciled at Stripe", { reconciliation_status: "in_progress" }],
    ["has members that were not read", { members: null }],
    ["arrived more than 90 days ago", { arrival_date: "2020-01-01T00:00:00Z" }],
    ["was recorded after the totals", { recorded_at: "2026-02-01T00:00:01Z" }],
    ["is of a mode that is not synced", { livemode: false }],
  ] as const)
    it(`does not count a payout that ${what}`, async () => {
      await sync("", true, null);
      await payout("po_1", 99n, different);
      expect((await readBalanceState(reader)).unexplained).to.deep.equal([
        { source: "default", livemode: true, payouts: 0 },
      ]);
    });

  it("counts for each source by itself", async () => {
    await sync("", true, null);
    await sync("", true, "2026-01-01T00:00:00Z", "shop");
    await payout("po_1", 100n);
    await payout("po_1", undefined, { source: "shop" });
    const { scopes, unexplained } = await readBalanceState(reader);
    expect(scopes.map(({ source, completeThrough }) => [source, completeThrough])).to.have.deep.members([
      ["default", undefined],
      ["shop", Date.parse("2026-01-01T00:00:00Z") / 1_000],
    ]);
    expect(unexplained).to.have.deep.members([
      { source: "default", livemode: true, payouts: 0 },
      { source: "shop", livemode: true, payouts: 1 },
    ]);
  });

  it("counts no mode that was never synced", async () => {
    expect(await readBalanceState(reader)).to.deep.equal({ scopes: [], unexplained: [] });
  });
});
