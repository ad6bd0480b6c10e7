import { createPaymentService, type EventRecord } from "@takings/domain";
import { balanceReading, toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { quarantineCommand } from "../src/quarantine/quarantine-command.ts";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { type StoreOfEvents, storeOfEvents } from "./store-of-events.ts";
import { type Ended, run } from "./takings.ts";

const begin = Date.UTC(2024, 4, 1) / 1_000;
const day = 86_400;

type Fields = Readonly<Record<string, unknown>>;

function transaction(id: string, fields: Fields = {}): Fields {
  return {
    object: "balance_transaction",
    id,
    type: "charge",
    reporting_category: "charge",
    amount: 1_000,
    fee: 59,
    net: 941,
    currency: "usd",
    created: begin,
    available_on: begin + 2 * day,
    status: "pending",
    balance_type: "payments",
    source: "ch_1",
    ...fields,
  };
}

const own = transaction("txn_own", {
  type: "payout",
  reporting_category: "payout",
  amount: -941,
  fee: 0,
  net: -941,
  source: "po_1",
});

const payout: Fields = {
  object: "payout",
  id: "po_1",
  amount: 941,
  currency: "usd",
  status: "paid",
  automatic: true,
  arrival_date: begin + 3 * day,
  created: begin,
  reconciliation_status: "completed",
};

describe("the balance, in commands that derive it again,", function () {
  this.timeout(60_000);
  let store: StoreOfEvents;
  beforeEach(async () => {
    store = await storeOfEvents();
  });
  afterEach(() => store.close());

  const asOwner = (): Fields & { DATABASE_URL: string } => ({ DATABASE_URL: store.database.migratorUrl });
  const rebuild = (env: Readonly<Record<string, string>> = {}, ...args: string[]): Promise<Ended> =>
    run(rebuildCommand, args, { DATABASE_URL: store.database.migratorUrl, ...env });
  const verify = (...args: string[]): Promise<Ended> =>
    run(verifyCommand, args, { DATABASE_URL: store.database.readerUrl });
  const quarantine = (...args: string[]): Promise<Ended> =>
    run(quarantineCommand, args, { DATABASE_URL: asOwner().DATABASE_URL });

  /** The event of an object that was read at a second. */
  function read(object: Fields, second: number, account: string | null = null): EventRecord {
    const of =
      object["object"] === "payout"
        ? ({ kind: "payout", object, members: 1 } as const)
        : ({ kind: "transaction", object, payout: "po_1" } as const);
    const at = { round: new Date(begin * 1_000), at: new Date((begin + second) * 1_000) };
    const { body } = balanceReading(of, { livemode: true, account, apiVersion: "2025-01-01" }, at);
    return toEventRecord({ body, receivedAt: at.at }, createPaymentService());
  }

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
    read(own, 1),
    read(payout, 3),
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

  /** What is altered behind the commands, and what verification says about it. */
  const damages: Readonly<Record<string, readonly [sql: string, reported: RegExp]>> = {
    "an amount that was altered": [
      "update takings.balance_transactions set gross = 1, net = -58 where id = 'txn_1'",
      /^balance: txn_1 live platform net is -58, by the events 941; gross is 1, by the events 1000$/m,
    ],
    "a moment that was altered": [
      "update takings.balance_transactions set effective_at = created where id = 'txn_own'",
      /^balance: txn_own live platform effective_at is .*, by the events .*$/m,
    ],
    "a moment that is no instant": [
      "update takings.balance_transactions set effective_at = 'infinity' where id = 'txn_1'",
      /^balance: txn_1 live platform effective_at is infinity, by the events .*$/m,
    ],
    "a membership that was altered": [
      "update takings.balance_transactions set payout = 'po_2' where id = 'txn_1'",
      /^balance: txn_1 live platform payout is po_2, by the events po_1$/m,
    ],
    "a transaction that is missing": [
      "delete from takings.balance_transactions where id = 'txn_1'",
      /^balance: txn_1 live platform is missing, although the events state it$/m,
    ],
    "a transaction that no event states": [
      "update takings.balance_transactions set id = 'txn_zzz' where id = 'txn_1'",
      /^balance: txn_zzz live platform exists, although no event states it$/m,
    ],
    "a payout that is missing": [
      "delete from takings.payouts",
      /^balance: po_1 live platform is missing, although the events state it$/m,
    ],
    "a payout that was altered": [
      "update takings.payouts set members = 7",
      /^balance: po_1 live platform members is 7, by the events 1$/m,
    ],
    "a payout that no event states": [
      "update takings.payouts set id = 'po_zzz'",
      /^balance: po_zzz live platform exists, although no event states it$/m,
    ],
    "a sum of a block that was altered": [
      "update takings.balance_rollup set net = net + 1 where level = 2",
      /^balance rollup: live platform block 2 of .* usd charge holds \{.*\}; the transactions have \{.*\}$/m,
    ],
    "a sum of a payout that was altered": [
      "update takings.payout_totals set net = net + 1",
      /^balance rollup: live platform po_1 charge holds \{.*\}; the transactions have \{.*\}$/m,
    ],
    "a statement of an event that was altered": [
      "update takings.events set balance = jsonb_set(balance, '{transaction,fee}', '\"1\"') where balance #>> '{transaction,id}' = 'txn_own'",
      /^events: evt_balance_\w+ states something else about the balance than its body$/m,
    ],
    "a statement of an event that cannot be read": [
      "update takings.events set balance = '{}' where balance #>> '{transaction,id}' = 'txn_own'",
      /^events: evt_balance_\w+ what event evt_balance_\w+ states about the balance cannot be read/m,
    ],
  };
  for (const [name, [sql, reported]] of Object.entries(damages)) {
    it(`reports and corrects ${name}`, async () => {
      await store.writer.record(recorded());
      await store.admin.query("select takings.apply_balance_deltas('0', 1000)");
      const before = await rows();
      await store.admin.query(sql);
      const { code, output } = await verify();
      expect(output).to.match(reported);
      expect(code).to.equal(1);
      expect((await rebuild()).code).to.equal(0);
      expect(await rows()).to.deep.equal(before);
      const after = await verify();
      expect(after.output).to.match(/: events, ledger, balance and rollups agree$/m);
      expect(after.code).to.equal(0);
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
    const records = [read(transaction("txn_1"), 1, account), read(own, 1, account), read(payout, 2, account)];
    await store.writer.record(records);
    const { code } = await rebuild({ STRIPE_ACCOUNT_ID: account }, "--change-account");
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
    expect(output).to.contain(`${agreeing.eventId} processed: `);
    expect(await rows()).to.have.nested.property("[0].status", "available");
    expect((await rebuild()).code).to.equal(0);
    expect(
      (await quarantine("dismiss", contradicting.eventId, "--because", "an error of the source")).code,
    ).to.equal(0);
    expect((await verify()).code).to.equal(0);
  });
});
