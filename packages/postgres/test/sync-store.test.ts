import type { BalanceSyncStore, LedgerScope } from "@takings/domain";
import { eventually, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { withBalanceSyncStores } from "../src/balance/sync-store.ts";
import { poolOf } from "./test-store.ts";

const platform: LedgerScope = { source: "default", account: null, livemode: true };
const other: LedgerScope = { source: "default", account: "acct_1", livemode: true };
const ofShop: LedgerScope = { source: "shop", account: null, livemode: true };
const dayMs = 86_400_000;
const now = Date.parse("2026-03-01T00:00:00Z");
const daysAgo = (days: number): Date => new Date(now - days * dayMs);

describe("the store of a balance sync", () => {
  let database: TestDatabase;
  let admin: Pool;
  before(async () => {
    database = await testDatabase();
    admin = poolOf(database.superuserUrl);
  });
  beforeEach(() =>
    admin.query("truncate takings.payouts, takings.balance_transactions, takings.balance_syncs"),
  );
  after(async () => {
    await admin.end();
    await database.drop();
  });

  const sync = <T>(work: (store: BalanceSyncStore) => Promise<T>, scope = platform): Promise<T> =>
    withBalanceSyncStores(database.reconcilerUrl, [scope], (storeOf) => work(storeOf(scope)));

  const said = {
    event_id: "evt_1",
    said_at: daysAgo(9),
    said_received_at: daysAgo(9),
    recorded_at: daysAgo(9),
  };
  const insert = (table: string, row: object): Promise<unknown> =>
    admin.query(
      `insert into takings.${table} select * from json_populate_record(null::takings.${table}, $1)`,
      [JSON.stringify({ source: "default", account: "", livemode: true, ...said, ...row })],
    );
  /** An automatic payout that arrived long ago, is reconciled, and whose members were read. */
  const payout = (id: string, created: Date, row: object = {}): Promise<unknown> =>
    insert("payouts", {
      id,
      created,
      amount: 100,
      currency: "usd",
      status: "paid",
      automatic: true,
      arrival_date: created,
      reconciliation_status: "completed",
      members: 2,
      ...row,
    });
  /** Rows of balance transactions that sessions have read so far, by a scan of the table or an index. */
  async function rowsRead(): Promise<number> {
    const { rows } = await admin.query<{ read: number }>(
      `select (pg_stat_get_tuples_returned(ledger) + pg_stat_get_tuples_fetched(ledger) + (
         select sum(pg_stat_get_tuples_fetched(indexrelid)) from pg_index where indrelid = ledger
       ))::integer as read
       from (values ('takings.balance_transactions'::regclass)) as named (ledger)`,
    );
    return rows[0]?.read ?? Number.NaN;
  }
  const oldestOpen = (): Promise<Date | undefined> => sync((store) => store.oldestOpenPayout(daysAgo(10)));

  it("knows nothing of a scope that was never synced", async () => {
    expect(await sync((store) => store.read())).to.deep.equal({
      completeFrom: undefined,
      completeThrough: undefined,
      round: undefined,
      readAt: undefined,
    });
  });

  it("knows every scope from the start, also one that Stripe then refuses to show", async () => {
    await sync(async () => {});
    await withBalanceSyncStores(database.reconcilerUrl, [platform, other], () =>
      Promise.reject(new Error("refused")),
    ).catch(() => {});
    const { rows } = await admin.query<{ account: string }>(
      "select account from takings.balance_syncs order by account",
    );
    expect(rows.map(({ account }) => account)).to.deep.equal(["", "acct_1"]);
  });

  it("returns the round that was saved, and after its end how far the ledger is complete", async () => {
    const round = {
      began: daysAgo(1),
      from: daysAgo(50),
      rereadsMembers: true,
      membersReadTo: daysAgo(20),
      transactions: [{ from: 1, to: 2, cursor: "txn_1" }, {}],
    };
    const saved = await sync(async (store) => {
      await store.saveRound(round, daysAgo(1));
      return store.read();
    });
    expect(saved).to.deep.include({ round, readAt: daysAgo(1), completeThrough: undefined });
    const finished = await sync(async (store) => {
      await store.finish({ from: daysAgo(50), through: daysAgo(1), readAt: daysAgo(0) });
      return store.read();
    });
    expect(finished).to.deep.equal({
      completeFrom: daysAgo(50),
      completeThrough: daysAgo(1),
      round: undefined,
      readAt: daysAgo(0),
    });
  });

  it("keeps the rounds of two sources apart", async () => {
    const save = (day: number) => (store: BalanceSyncStore) =>
      store.saveRound({ began: daysAgo(day), rereadsMembers: false }, daysAgo(day));
    await sync(save(1));
    await sync(save(2), ofShop);
    expect((await sync((store) => store.read())).readAt).to.deep.equal(daysAgo(1));
    expect((await sync((store) => store.read(), ofShop)).readAt).to.deep.equal(daysAgo(2));
  });

  it("begins a round again whose progress was saved by another version", async () => {
    await admin.query(
      `insert into takings.balance_syncs (source, account, livemode, round) values ('default', '', true, '{"stage": "members"}')`,
    );
    expect(await sync((store) => store.read())).to.have.property("round", undefined);
  });

  it("ends a round only with a recorded time that readers are given", async () => {
    const recordedAt = await sync(async (store) => {
      await store.saveRound({ began: daysAgo(1), rereadsMembers: false }, daysAgo(1));
      return store.finish({ from: undefined, through: daysAgo(1), readAt: daysAgo(1) });
    });
    const { rows } = await admin.query(
      `select complete_recorded_at = $1 and takings.safe_read_time() >= $1 as is_shown from takings.balance_syncs`,
      [recordedAt],
    );
    expect(rows).to.deep.equal([{ is_shown: true }]);
  });

  const charge = {
    type: "charge",
    reporting_category: "charge",
    currency: "usd",
    gross: 100,
    fee: 0,
    net: 100,
  };
  const times = { created: daysAgo(5), available_on: daysAgo(3), effective_at: daysAgo(5) };

  it("returns amounts beyond 2^53 exactly, and only what belongs to the scope", async () => {
    const gross = "9007199254740993";
    const row = { ...charge, gross, net: gross };
    await insert("balance_transactions", { id: "txn_1", ...row, ...times, payout: "po_1" });
    await insert("balance_transactions", {
      id: "txn_2",
      ...row,
      ...times,
      payout: "po_1",
      account: "acct_1",
    });
    const ofOther = { ...row, gross: 5, net: 5, source: "shop", payout: "po_1", ...times };
    for (const id of ["txn_1", "txn_4"]) await insert("balance_transactions", { id, ...ofOther });
    const [known, members] = await sync(async (store) => [
      await store.transactions(["txn_1", "txn_2", "txn_3", "txn_4"]),
      await store.members("po_1"),
    ]);
    expect([...(known?.keys() ?? [])]).to.deep.equal(["txn_1"]);
    expect(known).to.have.nested.property("size", 1);
    expect([...(members ?? [])]).to.deep.equal(["txn_1"]);
    expect((await sync((store) => store.transactions(["txn_1"]))).get("txn_1")).to.deep.include({
      gross: BigInt(gross),
      created: daysAgo(5),
      payout: "po_1",
    });
  });

  it("reads only the transactions that it is asked for while a first load fills the table", async () => {
    // Statistics of a time when there was one, as during a first load until autovacuum comes round.
    const fill = (ids: string): Promise<unknown> =>
      admin.query(
        `insert into takings.balance_transactions select filled.* from generate_series(${ids}) as n cross join lateral
         json_populate_record(null::takings.balance_transactions, ($1::jsonb || jsonb_build_object('id', 'txn_' || n))::json) as filled`,
        [JSON.stringify({ source: "default", account: "", livemode: true, ...said, ...charge, ...times })],
      );
    await fill("1, 1");
    await admin.query("analyze takings.balance_transactions");
    await fill("2, 20_000");
    const before = await rowsRead();
    const ids = Array.from({ length: 50 }, (_, n) => `txn_${n * 300 + 2}`);
    expect(await sync((store) => store.transactions(ids))).to.have.property("size", ids.length);
    // A session reports its counters at its end.
    await eventually("the rows to be counted", async () => (await rowsRead()) > before);
    expect((await rowsRead()) - before).to.equal(ids.length);
  });

  it("counts no payout as open that is settled and whose members are known", async () => {
    await payout("po_1", daysAgo(40));
    await payout("po_2", daysAgo(40), {
      automatic: false,
      reconciliation_status: "not_applicable",
      members: null,
    });
    await payout("po_3", daysAgo(40), {
      status: "failed",
      reconciliation_status: "in_progress",
      members: null,
    });
    expect(await oldestOpen()).to.equal(undefined);
  });

  for (const [what, row] of Object.entries({
    "is on its way": { status: "in_transit" },
    "has just arrived": { arrival_date: daysAgo(2) },
    "has members that were not read": { members: null },
    "is not reconciled yet": { reconciliation_status: "in_progress", members: null },
  })) {
    it(`counts a payout as open that ${what}`, async () => {
      await payout("po_1", daysAgo(30), row);
      await payout("po_2", daysAgo(20), row);
      expect(await oldestOpen()).to.deep.equal(daysAgo(30));
    });
  }

  it("refuses a second sync of a scope that is being read, and allows another scope", async () => {
    await sync(async () => {
      const refused = await sync(async () => "allowed").catch(String);
      expect(refused).to.match(/another takings balance sync reads the platform in live mode/);
      expect(await sync(async () => "allowed", other)).to.equal("allowed");
      expect(await sync(async () => "allowed", ofShop)).to.equal("allowed");
    });
    expect(await sync(async () => "allowed")).to.equal("allowed");
  });
});
