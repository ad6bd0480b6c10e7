import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { ownTransaction, payout, read, transaction } from "./balance-readings.ts";
import { type StoreOfEvents, storeOfEvents } from "./store-of-events.ts";
import { type Ended, run } from "./takings.ts";

/** What is altered behind the commands, and what verification says about it. */
const damages: Readonly<Record<string, readonly [sql: string, reported: RegExp]>> = {
  "an amount that was altered": [
    "update takings.balance_transactions set gross = 1, net = -58 where id = 'txn_amount'",
    /^balance: txn_amount live platform net is -58, by the events 941; gross is 1, by the events 1000$/m,
  ],
  "a moment that was altered": [
    "update takings.balance_transactions set effective_at = created where id = 'txn_own'",
    /^balance: txn_own live platform effective_at is .*, by the events .*$/m,
  ],
  "a moment that is no instant": [
    "update takings.balance_transactions set effective_at = 'infinity' where id = 'txn_infinite'",
    /^balance: txn_infinite live platform effective_at is infinity, by the events .*$/m,
  ],
  "a membership that was altered": [
    "update takings.balance_transactions set payout = 'po_2' where id = 'txn_member'",
    /^balance: txn_member live platform payout is po_2, by the events po_1$/m,
  ],
  "a transaction that is missing": [
    "delete from takings.balance_transactions where id = 'txn_missing'",
    /^balance: txn_missing live platform is missing, although the events state it$/m,
  ],
  "a transaction that no event states": [
    "update takings.balance_transactions set id = 'txn_zzz' where id = 'txn_renamed'",
    /^balance: txn_zzz live platform exists, although no event states it$/m,
  ],
  "a payout that is missing": [
    "delete from takings.payouts where id = 'po_missing'",
    /^balance: po_missing live platform is missing, although the events state it$/m,
  ],
  "a payout that was altered": [
    "update takings.payouts set members = 7 where id = 'po_altered'",
    /^balance: po_altered live platform members is 7, by the events 1$/m,
  ],
  "a payout that no event states": [
    "update takings.payouts set id = 'po_zzz' where id = 'po_renamed'",
    /^balance: po_zzz live platform exists, although no event states it$/m,
  ],
  "a statement that was altered in its event": [
    `update takings.events set balance = jsonb_set(balance, '{transaction,fee}', '"1"') where object_id = 'txn_event'`,
    /^events: evt_balance_\w+ states something else about the balance than its body$/m,
  ],
  "a statement that cannot be read": [
    "update takings.events set balance = '{}' where object_id = 'txn_unreadable'",
    /^events: evt_balance_\w+ what event evt_balance_\w+ states about the balance cannot be read/m,
  ],
};

describe("damages of the balance", function () {
  this.timeout(60_000);
  let store: StoreOfEvents;
  let intact: unknown;
  let verified: Ended;

  const verify = (): Promise<Ended> => run(verifyCommand, [], { DATABASE_URL: store.database.readerUrl });
  async function rows(): Promise<unknown> {
    const { rows: found } = await store.admin.query(
      `select id, gross, status, payout, effective_at from takings.balance_transactions
       union all
       select id, amount, status, members::text, arrival_date from takings.payouts order by 1`,
    );
    return found;
  }

  before(async () => {
    store = await storeOfEvents();
    const names = ["amount", "infinite", "member", "missing", "renamed", "event", "unreadable"];
    await store.writer.record([
      ...names.map((name) => read(transaction(`txn_${name}`), 1)),
      read(ownTransaction("txn_own", "po_1"), 1),
      ...["1", "missing", "altered", "renamed"].map((name) => read(payout(`po_${name}`), 2)),
    ]);
    await store.admin.query("select takings.apply_balance_deltas('0', 1000)");
    intact = await rows();
    for (const [sql] of Object.values(damages)) expect((await store.admin.query(sql)).rowCount).to.equal(1);
    verified = await verify();
  });
  after(() => store.close());

  for (const [name, [, reported]] of Object.entries(damages)) {
    it(`include ${name}, which takings verify reports`, () => {
      expect(verified.output).to.match(reported);
      expect(verified.code).to.equal(1);
    });
  }

  it("are corrected by takings rebuild", async () => {
    expect((await run(rebuildCommand, [], { DATABASE_URL: store.database.migratorUrl })).code).to.equal(0);
    expect(await rows()).to.deep.equal(intact);
    const { code, output } = await verify();
    expect(output).to.match(/: events, ledger, balance and rollups agree$/m);
    expect(code).to.equal(0);
  });
});
