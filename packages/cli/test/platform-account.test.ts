import { createPaymentService } from "@takings/domain";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { quarantineCommand } from "../src/quarantine/quarantine-command.ts";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { paymentOf, type StoreOfEvents, storeOfEvents } from "./store-of-events.ts";
import { type Ended, run } from "./takings.ts";

const ours = "acct_Ours";
const other = "acct_Other";

describe("the platform's own account, in commands that read bodies again,", function () {
  this.timeout(60_000);
  let store: StoreOfEvents;
  beforeEach(async () => {
    store = await storeOfEvents();
  });
  afterEach(() => store.close());

  type Env = Readonly<Record<string, string>>;
  const rebuild = (env: Env, ...args: string[]): Promise<Ended> =>
    run(rebuildCommand, args, { DATABASE_URL: store.database.migratorUrl, ...env });
  const verify = (env: Env): Promise<Ended> =>
    run(verifyCommand, [], { DATABASE_URL: store.database.readerUrl, ...env });
  const replay = (env: Env): Promise<Ended> =>
    run(quarantineCommand, ["replay", "--all"], { DATABASE_URL: store.database.migratorUrl, ...env });

  /** Records payments with the platform's account id, as a consumer that knows the account or does not. */
  async function record(platformAccount: string | undefined): Promise<void> {
    const payments = createPaymentService(() => platformAccount);
    const records = [1, 2, 3].map((n) => {
      const { payload } = paymentOf(n, { account: ours });
      return toEventRecord({ source: "default", body: payload, receivedAt: new Date() }, payments);
    });
    await store.writer.record(records);
  }
  async function moneyBy(): Promise<Readonly<Record<string, string>>> {
    const { rows } = await store.admin.query<{ account: string; net: string }>(
      "select account, sum(amount)::text as net from takings.ledger group by 1",
    );
    return Object.fromEntries(rows.map(({ account, net }) => [account, net]));
  }

  it("is taken from the database when the environment has none", async () => {
    await store.admin.query("select takings.register_source('default', $1)", [ours]);
    await record(ours);
    for (const ended of [await verify({}), await rebuild({}), await replay({})]) {
      expect(ended.output).to.contain(`using the platform account of the store, ${ours}`);
      expect(ended.code).to.equal(0);
    }
    expect(await moneyBy()).to.deep.equal({ "": "306" });
  });

  it("is rejected when the database has another one, and nothing changes", async () => {
    await store.admin.query("select takings.register_source('default', $1)", [ours]);
    await record(ours);
    const env = { STRIPE_ACCOUNT_ID: other };
    for (const ended of [await verify(env), await rebuild(env), await replay(env)]) {
      expect(ended.output).to.match(
        new RegExp(`STRIPE_ACCOUNT_ID is ${other}, but .* were counted with ${ours} .*--change-account`),
      );
      expect(ended.code).to.equal(1);
    }
    expect(await moneyBy()).to.deep.equal({ "": "306" });
  });

  it("is stored by a rebuild when the database has none, and its entries become the platform's", async () => {
    await record(undefined);
    expect(await moneyBy()).to.deep.equal({ [ours]: "306" });
    await store.admin.query(
      "update takings.events set payload = null, payload_removed_at = now() where event_id = 'evt_3'",
    );
    const { output } = await rebuild({ STRIPE_ACCOUNT_ID: ours });
    expect(output).to.match(
      new RegExp(`^stored ${ours} as the platform account; events that are stored`, "m"),
    );
    expect(await moneyBy()).to.deep.equal({ "": "306" });
    expect((await verify({})).code).to.equal(0);
  });

  it("is changed only with --change-account", async () => {
    await store.admin.query("select takings.register_source('default', $1)", [other]);
    await record(other);
    const { code, output } = await rebuild({ STRIPE_ACCOUNT_ID: ours }, "--change-account");
    expect(output).to.contain(`the platform's own account is ${ours} now`);
    expect(code).to.equal(0);
    expect(await moneyBy()).to.deep.equal({ "": "306" });
    expect((await verify({ STRIPE_ACCOUNT_ID: ours })).code).to.equal(0);
    expect((await rebuild({}, "--change-account")).output).to.contain("needs the new account");
  });
});
