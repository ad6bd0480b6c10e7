import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { nodeCommand } from "@takings/local";
import {
  balancePermissions,
  type BalanceClient,
  compareBalance,
  createBalanceClient,
  createBalanceLife,
  type FakeBalanceApi,
  fakeBalanceApi,
  objectsOfLife,
} from "@takings/simulator";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type LocalStack, startLocalStack } from "./src/local-stack.ts";

// A longer run, of any size: pnpm bench balance-load

const key = "rk_test_secret0fake";
const account = "acct_balance";
const dayLength = 86_400;
const options = { seed: 11, from: Date.UTC(2025, 0, 1) / 1_000, days: 7, transactions: 300 };
const platform = createBalanceLife(options);
const connected = createBalanceLife({ ...options, account, currencies: ["eur"], transactions: 80 });

describe("The way from Stripe's balance to the answers", function () {
  this.timeout(240_000);
  let stack: LocalStack;
  let client: BalanceClient;
  let stripe: FakeBalanceApi;
  let now = platform.from;

  before(async () => {
    stripe = await fakeBalanceApi({
      accounts: new Map([platform, connected].map((life) => [life.account, objectsOfLife(life, false)])),
      keys: new Map([[key, Object.values(balancePermissions)]]),
      now: () => now,
    });
    stack = await startLocalStack(process.env, { RATE_LIMIT_PER_MINUTE: "0" });
    client = createBalanceClient(stack.revenueUrl);
  });

  after(async () => {
    await stack?.stop();
    await stripe?.[Symbol.asyncDispose]();
  });

  async function sync(...args: string[]): Promise<void> {
    const {
      command,
      args: all,
      cwd,
      env,
    } = nodeCommand(["packages/local/src/takings.ts", "balance", "sync", ...args], {
      ...process.env,
      TAKINGS_DIR: stack.dir,
      STRIPE_API_URL: stripe.url,
      STRIPE_API_KEY: key,
    });
    const child = spawn(command, all, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
    const [errors, [status]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    expect([status, status === 0 ? "" : errors]).to.deep.equal([0, ""]);
  }

  async function differences(life: typeof platform): Promise<string> {
    const found = await compareBalance(client, { life, livemode: false, at: now, ranges: 15, seed: 1 });
    expect(found.comparisons()).to.be.greaterThan(40);
    return found.text();
  }

  it("agrees with an independent arithmetic while payouts are on their way", async () => {
    now = platform.from + 5 * dayLength + 12 * 3_600;
    await sync("--account", account);
    expect(await differences(platform)).to.equal("");
    expect(await differences(connected)).to.equal("");
  });

  it("agrees after payouts have arrived, have failed and have got late members", async () => {
    now = platform.to + 10 * dayLength;
    await sync("--account", account, "--from", new Date(platform.from * 1_000).toISOString());
    expect(await differences(platform)).to.equal("");
    expect(await differences(connected)).to.equal("");
  });

  it("says how far it is complete", async () => {
    const { complete_through: through, quarantined } = await client.balance({ account, livemode: false });
    const age = now * 1_000 - Date.parse(through ?? "");
    expect(age).to.be.within(0, 15 * 60_000);
    expect(quarantined).to.equal(0);
  });
});
