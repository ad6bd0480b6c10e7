import type { EventRecord } from "@takings/domain";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { quarantineCommand } from "../src/quarantine/quarantine-command.ts";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { ownTransaction, payout, read, transaction } from "./balance-readings.ts";
import { type StoreOfEvents, storeOfEvents } from "./store-of-events.ts";
import { type Ended, run } from "./takings.ts";

describe("the balance, in commands that derive it again,", function () {
  this.timeout(60_000);
  let store: StoreOfEvents;
  beforeEach(async () => {
    store = await storeOfEvents();
  });
  afterEach(() => store.close());

  const rebuild = (env: Readonly<Record<string, string>> = {}, ...args: string[]): Promise<Ended> =>
    run(rebuildCommand, args, { DATABASE_URL: store.database.migratorUrl, ...env });
  const verify = (...args: string[]): Promise<Ended> =>
    run(verifyCommand, args, { DATABASE_URL: store.database.readerUrl });
  const quarantine = (...args: string[]): Promise<Ended> =>
    run(quarantineCommand, args, { DATABASE_URL: store.database.migratorUrl });

  async function rows(): Promise<unknown> {
    const { rows: found } = await store.admin.query(
      `select id, account, gross, status, payout, effective_at from takings.balance_transactions
       union all
       select id, account, amount, status, members::text, arrival_date from takings.payouts order by 1, 2`,
    );
    return found;
  }

  const recorded = (): readonly EventRecord[] => [
    read(transaction("txn_1"), 1),
    read(transaction("txn_1", { status: "available" }), 2),
    read(ownTransaction("txn_own", "po_1"), 1),
    read(payout("po_1"), 3),
  ];

  it("agrees with its events, and is counted in the report", async () => {
    await store.writer.record(recorded());
    const { code, output } = await verify();
    expect(output).to.match(
      /^recounted 4 events and compared 0 entries and 3 balance transactions and payouts /,
    );
    expect(code).to.equal(0);
    await store.admin.query("select takings.apply_balance_deltas('0', 1000)");
    expect((await verify()).code).to.equal(0);
  });

  /** Damages of the sums: what is altered behind the commands, and what verification says about it. */
  const damages: Readonly<Record<string, readonly [sql: string, reported: RegExp]>> = {
    "a sum of a block that was altered": [
      "update takings.balance_rollup set net = net + 1 where level = 2",
      /^balance rollup: live platform block 2 of .* usd charge holds \{.*\}; the transactions have \{.*\}$/m,
    ],
    "a sum of a payout that was altered": [
      "update takings.payout_totals set net = net + 1",
      /^balance rollup: live platform po_1 charge holds \{.*\}; the transactions have \{.*\}$/m,
    ],
  };
  for (const [name, [sql, reported]] of Object.entries(damages)) {
    it(`reports and corrects ${name}`, async () => {
      await store.writer.record(recorded());
      await store.admin.query("select takings.apply_balance_deltas('0', 1000)");
      await store.admin.query(sql);
      expect((await verify()).output).to.match(reported);
      expect((await rebuild()).code).to.equal(0);
      expect((await verify()).code).to.equal(0);
    });
  }

  it("reports and corrects pending deltas that were lost", async () => {
    await store.writer.record(recorded());
    await store.admin.query("delete from takings.balance_deltas");
    expect((await verify()).output).to.match(/^balance rollup: live platform pending of /m);
    expect((await rebuild()).code).to.equal(0);
    expect((await verify()).code).to.equal(0);
  });

  it("is rebuilt from what was kept of events whose bodies were removed", async () => {
    await store.writer.record(recorded());
    const before = await rows();
    await store.admin.query("update takings.events set payload = null, payload_removed_at = now()");
    await store.admin.query("delete from takings.balance_transactions");
    expect((await rebuild()).code).to.equal(0);
    expect(await rows()).to.deep.equal(before);
    expect((await verify()).code).to.equal(0);
  });

  it("moves with the platform's own account", async () => {
    const account = "acct_1";
    const records = [
      read(transaction("txn_1"), 1, account),
      read(ownTransaction("txn_own", "po_1"), 1, account),
      read(payout("po_1"), 2, account),
    ];
    await store.writer.record(records);
    const { code, output } = await rebuild({ STRIPE_ACCOUNT_ID: account }, "--change-account");
    expect(output).to.match(/^6 balance transactions and payouts were corrected; .* All 3 match the events/m);
    expect(code).to.equal(0);
    const { rows: accounts } = await store.admin.query(
      `select distinct account from takings.balance_transactions union select account from takings.payouts`,
    );
    expect(accounts).to.deep.equal([{ account: "" }]);
    expect((await verify()).code).to.equal(0);
  });

  it("keeps the first of two readings that contradict each other once the account has changed", async () => {
    await store.writer.record([read(transaction("txn_1"), 1)]);
    await store.writer.record([read(transaction("txn_1", { amount: 1_001, net: 942 }), 2, "acct_1")]);
    expect((await rebuild({ STRIPE_ACCOUNT_ID: "acct_1" }, "--change-account")).code).to.equal(0);
    expect(await rows()).to.have.nested.property("[0].gross", "1000");
    expect(await rows()).to.have.length(1);
    expect((await quarantine("list")).output).to.contain("differs from an earlier reading: amount was 1000");
    expect((await verify()).code).to.equal(0);
  });

  it("keeps a contradicting reading in quarantine when it is replayed, and counts one that agrees", async () => {
    const contradicting = read(transaction("txn_1", { amount: 1_001, net: 942 }), 2);
    await store.writer.record([read(transaction("txn_1"), 1)]);
    const agreeing = read(transaction("txn_1", { status: "available" }), 3);
    const unread = { status: "quarantined", reason: "unparsed: test", balance: undefined } as const;
    await store.writer.record([contradicting, { ...agreeing, ...unread }]);
    const { output } = await quarantine("replay", "--all");
    expect(output).to.contain(
      `${contradicting.eventId} kept: differs from an earlier reading: amount was 1000`,
    );
    expect(output).to.contain(`${agreeing.eventId} processed: 0 ledger entries changed, 1 balance`);
    expect(await rows()).to.have.nested.property("[0].status", "available");
    expect((await rebuild()).code).to.equal(0);
    expect(
      (await quarantine("dismiss", contradicting.eventId, "--because", "an error of the source")).code,
    ).to.equal(0);
    expect((await verify()).code).to.equal(0);
  });
});
