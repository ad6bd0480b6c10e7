import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { nodeCommand, temporaryDirectory } from "@takings/local";
import {
  balancePermissions,
  type BalanceClient,
  compareBalance,
  createBalanceClient,
  createBalanceLife,
  createRandom,
  type FakeBalanceApi,
  fakeBalanceApi,
  missedMutation,
  mutatedReportFiles,
  objectsOfLife,
  type ReportFile,
  reportFiles,
  type TieOutAnswer,
} from "@takings/simulator";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type LocalStack, startLocalStack } from "./src/local-stack.ts";

// A longer run, of any size: pnpm bench balance-load

const key = "rk_test_secret0fake";
const account = "acct_balance";
const timezone = "Asia/Kathmandu";
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

  async function takings(
    ...args: string[]
  ): Promise<{ status: number | null; output: string; errors: string }> {
    const command = nodeCommand(["packages/local/src/takings.ts", ...args], {
      ...process.env,
      TAKINGS_DIR: stack.dir,
      STRIPE_API_URL: stripe.url,
      STRIPE_API_KEY: key,
    });
    const { cwd, env } = command;
    const child = spawn(command.command, command.args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "exit"),
    ]);
    return { status: status as number | null, output, errors };
  }

  async function sync(...args: string[]): Promise<void> {
    const { status, errors } = await takings("balance", "sync", ...args);
    expect([status, status === 0 ? "" : errors]).to.deep.equal([0, ""]);
  }

  /** Compares files with the ledger, over the whole life of the platform. */
  async function tieOut(
    files: readonly ReportFile[],
  ): Promise<{ status: number | null; answer: TieOutAnswer }> {
    const dir = temporaryDirectory("takings-reports-");
    const paths = await Promise.all(
      files.map(async ({ name, lines }) => {
        await writeFile(join(dir, name), lines.join(""));
        return join(dir, name);
      }),
    );
    const range = [
      "--from",
      instantText(platform.from),
      "--to",
      instantText(platform.to),
      "--timezone",
      timezone,
    ];
    const { status, output, errors } = await takings(
      "tie-out",
      "--json",
      "--livemode=false",
      ...range,
      ...paths,
    );
    await rm(dir, { recursive: true });
    const line = output.split("\n").find((one) => one.startsWith("{"));
    if (line === undefined) throw new Error(`takings tie-out ended with ${status}:\n${output}${errors}`);
    return { status, answer: JSON.parse(line) as TieOutAnswer };
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
    await sync("--account", account, "--from", instantText(platform.from));
    expect(await differences(platform)).to.equal("");
    expect(await differences(connected)).to.equal("");
  });

  it("says how far it is complete", async () => {
    const { complete_through: through, quarantined } = await client.balance({ account, livemode: false });
    const age = now * 1_000 - Date.parse(through ?? "");
    expect(age).to.be.within(0, 15 * 60_000);
    expect(quarantined).to.equal(0);
  });

  it("ties out with Stripe's own reports, whatever their version and the order of their columns", async () => {
    const files = reportFiles(platform, { ...platform, at: now }, { timezone, seed: 1 });
    const { status, answer } = await tieOut(files);
    expect(answer.differences).to.deep.equal([]);
    expect(answer.files.map(({ report, error }) => error ?? report)).to.deep.equal(
      files.map(({ report }) => report),
    );
    expect(status).to.equal(0);
  });

  it("names each change of one cent, one day or one row in them", async () => {
    const files = reportFiles(platform, { ...platform, at: now }, { timezone, seed: 1 });
    const mutated = mutatedReportFiles(files, 100, createRandom(2));
    const { status, answer } = await tieOut(mutated);
    expect(mutated.flatMap((file) => missedMutation(answer, file) ?? [])).to.deep.equal([]);
    expect(status).to.equal(2);
  });
});

function instantText(time: number): string {
  return new Date(time * 1_000).toISOString();
}
