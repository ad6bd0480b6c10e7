import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { applyTopology, openLink } from "@takings/nats";
import {
  type BalanceLife,
  balancePermissions,
  createBalanceLife,
  type FakeBalanceApi,
  fakeBalanceApi,
  objectsOfLife,
  payoutsOf,
  transactionsOf,
} from "@takings/simulator";
import {
  eventually,
  nodeCommand,
  startService,
  type TestDatabase,
  testDatabase,
  type TestNats,
  testNats,
  type TestService,
} from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { Client } from "pg";

import { balanceCommand } from "../src/balance/sync-command.ts";
import { type Ended, run } from "./takings.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const apiKey = "rk_test_secret0fake";
const connected = "acct_connected1";
const started = Date.parse("2026-01-01") / 1_000;
const life = (account: string | null, transactions: number, seed = 1): BalanceLife => {
  const tag = account === null ? { tag: "00abc" } : {};
  return createBalanceLife({
    seed,
    account,
    from: started,
    days: 12,
    transactions,
    currencies: ["usd"],
    ...tag,
  });
};
const platform = life(null, 900);
/** The platform of another source, with the same ids. */
const ofShop = life(null, 300, 2);
const lives = [platform, life(connected, 50)];

describe("takings balance sync", function () {
  this.timeout(60_000);
  let nats: TestNats;
  let database: TestDatabase;
  let consumer: TestService;
  let stripe: FakeBalanceApi;
  let client: Client;

  before(async () => {
    [nats, database] = await Promise.all([testNats(), testDatabase()]);
    const admin = await openLink({ url: nats.urls.admin, name: "admin" });
    await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 50_000_000 });
    await admin.close();
    client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    consumer = await startService("consumer", {
      NATS_URL: nats.urls.consumer,
      DATABASE_URL: database.writerUrl,
    });
  });
  after(async () => {
    await consumer[Symbol.asyncDispose]();
    await client.end();
    await database.drop();
    await nats.close();
  });
  beforeEach(async () => {
    stripe = await fakeBalanceApi({
      accounts: new Map(lives.map((one) => [one.account, objectsOfLife(one, false)])),
      keys: new Map([[apiKey, Object.values(balancePermissions)]]),
    });
    await client.query(
      "truncate takings.events, takings.balance_transactions, takings.balance_transactions_superseded, takings.payouts, takings.payouts_superseded, takings.balance_syncs, takings.balance_deltas cascade",
    );
  });
  afterEach(() => stripe[Symbol.asyncDispose]());

  const settings = (): Record<string, string> => ({
    DATABASE_URL: database.reconcilerUrl,
    NATS_URL: nats.urls.reconcile,
    STRIPE_API_URL: stripe.url,
    STRIPE_API_KEY: apiKey,
  });
  const sync = (...args: string[]): Promise<Ended> => run(balanceCommand, ["sync", ...args], settings());

  /** Kills a sync after so many requests. */
  async function killAfter(requests: number): Promise<void> {
    const program = nodeCommand([main, "balance", "sync"], settings());
    const killed = execFile(program.command, program.args, program);
    const before = stripe.requests.length;
    stripe.onRequest = () => {
      if (stripe.requests.length - before === requests) killed.kill("SIGKILL");
    };
    const [, signal] = await once(killed, "exit");
    expect(signal).to.equal("SIGKILL");
    stripe.onRequest = () => {};
  }

  /** Expects that the tables have everything that Stripe tells of an account. */
  async function expectAll(of: BalanceLife, source = "default"): Promise<void> {
    const account = of.account ?? "";
    const transactions = await client.query<{ id: string }>(
      "select id, net::text, payout from takings.balance_transactions where account = $1 and source = $2 order by id",
      [account, source],
    );
    expect(transactions.rows).to.deep.equal(
      [...transactionsOf(of)]
        .map(({ id, net, payout }) => ({ id, net: String(net), payout }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
    const payouts = await client.query(
      "select id, members from takings.payouts where account = $1 and source = $2 order by id",
      [account, source],
    );
    expect(payouts.rows).to.deep.equal(
      [...payoutsOf(of)]
        .map(({ id, reconciledAt }) => ({
          id,
          members: reconciledAt === undefined ? null : of.membersOf(id).length,
        }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
  }

  it("has everything of the platform and of the accounts stored when it ends, and shown", async () => {
    const { code, output } = await sync("--account", connected, "--json");
    expect(code, output).to.equal(0);
    for (const one of lives) await expectAll(one);
    const { rows } = await client.query(
      `select takings.safe_read_time() >= max(recorded_at) as is_shown from takings.balance_transactions`,
    );
    expect(rows).to.deep.equal([{ is_shown: true }]);
    const reports = output
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(reports).to.have.length(2);
    expect(reports[0]).to.include({ livemode: false, complete_from: null, quarantined: 0 });
    expect(output).to.not.contain(apiKey);
  });

  it("reads a source with its own key, while another one with the same ids is read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "takings-sync-"));
    const [keyFile, sourcesFile] = [join(folder, "key"), join(folder, "sources.json")];
    const shopKey = "rk_test_secret1fake";
    await writeFile(keyFile, shopKey);
    const shop = { webhook_secrets: ["whsec_shop"], api_key_file: keyFile };
    await writeFile(sourcesFile, JSON.stringify({ shop }));
    await using stripeOfShop = await fakeBalanceApi({
      accounts: new Map([[null, objectsOfLife(ofShop, false)]]),
      keys: new Map([[shopKey, Object.values(balancePermissions)]]),
    });
    const [first, second] = await Promise.all([
      sync(),
      run(balanceCommand, ["sync", "--source", "shop", "--json"], {
        ...settings(),
        STRIPE_API_URL: stripeOfShop.url,
        STRIPE_SOURCES_FILE: sourcesFile,
      }),
    ]);
    await rm(folder, { recursive: true });
    expect([first.code, second.code], first.output + second.output).to.deep.equal([0, 0]);
    expect(JSON.parse(second.output)).to.include({ source: "shop", account: null, quarantined: 0 });
    await expectAll(platform);
    await expectAll(ofShop, "shop");
  });

  it("continues after it was killed, with the same result, and leaves no lock", async () => {
    await killAfter(4);
    await killAfter(12);
    expect(await sync()).to.have.property("code", 0);
    await expectAll(platform);
  });

  it("refuses to run twice at the same time, and says why", async () => {
    const waiting = Promise.withResolvers<void>();
    stripe.onRequest = () => waiting.promise;
    const first = sync();
    await eventually("the first round to ask Stripe", () => stripe.requests.length > 0);
    const second = await sync();
    expect(second.code).to.equal(1);
    expect(second.output).to.match(/^takings: another takings balance sync reads the platform in test mode/);
    waiting.resolve();
    expect(await first).to.have.property("code", 0);
  });

  for (const [host, name] of [
    ["127.0.0.1", "an address"],
    ["localhost", "a name"],
  ] as const) {
    it(`says in one sentence that PostgreSQL is away, at ${name}`, async () => {
      const { code, output } = await run(balanceCommand, ["sync"], {
        ...settings(),
        DATABASE_URL: `postgres://u:p@${host}:1/takings`,
      });
      expect(code).to.equal(1);
      expect(output).to.match(/^takings: cannot read .* from PostgreSQL: .*ECONNREFUSED.*; check .*\n$/);
    });
  }

  for (const key of ["pk_test_secret0fake", "sk_org_secret0fake", "secret0fake"]) {
    it(`refuses ${key}, which is not a key of one mode`, async () => {
      const env = {
        DATABASE_URL: database.reconcilerUrl,
        NATS_URL: nats.urls.reconcile,
        STRIPE_API_KEY: key,
      };
      const { code, output } = await run(balanceCommand, ["sync"], env);
      expect(code).to.equal(1);
      expect(output)
        .to.match(/STRIPE_API_KEY: must be a live or test mode key/)
        .and.not.contain(key);
    });
  }
});
