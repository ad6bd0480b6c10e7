import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPaymentService } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import { createPool } from "@takings/postgres";
import { createLogger, createMetrics } from "@takings/runtime";
import { eventually, type TestDatabase, testDatabase } from "@takings/testkit";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { createSettingsWait } from "../src/await-settings.ts";
import { followConfiguredAccounts } from "../src/configured-accounts.ts";
import { createConsumerMetrics } from "../src/metrics.ts";
import { type FollowedAccounts, followPlatformAccounts } from "../src/platform-accounts.ts";
import { messageOf, toPositionedRecord } from "../src/positioned-record.ts";

const log = createLogger({ service: "test", level: "silent" });

describe("a delivery", () => {
  const event = {
    id: "evt_1",
    type: "invoice.paid",
    created: 1_700_000_000,
    livemode: true,
    account: "acct_eu",
  };
  const payments = createPaymentService((source) => (source === "shop-eu" ? "acct_eu" : undefined));
  const delivered = (headers: Readonly<Record<string, string>>): Delivery => ({
    body: Buffer.from(JSON.stringify(event)),
    subject: "stripe.events.invoice.paid",
    receivedAt: new Date(0),
    position: { stream: "s", sequence: 1 },
    deliveryCount: 1,
    header: (name) => headers[name],
  });
  const recorded = (headers: Readonly<Record<string, string>>): ReturnType<typeof toPositionedRecord> =>
    toPositionedRecord(delivered(headers), (stored) => toEventRecord(stored, payments));

  it("is of the source that its header names, whose account is the platform's", () => {
    const headers = { "Takings-Source": "shop-eu", "Nats-Msg-Id": "shop-eu/evt_1" };
    expect(recorded(headers)).to.include({ eventId: "evt_1", source: "shop-eu", account: null });
  });

  it("without that header is of the default source", () => {
    expect(recorded({ "Nats-Msg-Id": "evt_1" })).to.include({ source: "default", account: "acct_eu" });
  });

  it("of an impossible source is quarantined, and its record stands for no event of another one", () => {
    const headers = { "Takings-Source": "Shop EU", "Nats-Msg-Id": "evt_1" };
    const { eventId, source, status, reason } = recorded(headers);
    expect({ source, status, reason }).to.deep.equal({
      source: "default",
      status: "quarantined",
      reason: "unparsed: Takings-Source is not the name of a source",
    });
    expect(eventId).to.match(/^unreadable_/);
    expect(messageOf(delivered(headers)).messageId).to.equal(undefined);
  });
});

describe("the accounts of sources", () => {
  let dir: string;
  let file: string;
  let database: TestDatabase;
  let pool: Pool;
  let stopping: AbortController;
  const running: FollowedAccounts[] = [];
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "takings-accounts-"));
    file = join(dir, "sources.json");
    stopping = new AbortController();
    database = await testDatabase();
    pool = createPool({
      url: database.writerUrl,
      name: "test",
      max: 2,
      statementTimeoutMs: 5_000,
      onIdleError: () => {},
    });
  });
  afterEach(async () => {
    stopping.abort();
    for (const accounts of running.splice(0)) accounts.stop();
    await pool.end();
    await database.drop();
    rmSync(dir, { recursive: true });
  });

  const write = (accounts: Readonly<Record<string, string | undefined>>): void => {
    const sources = Object.entries(accounts).map(([name, account_id], index) => {
      const settings = { webhook_secrets: [`whsec_${name}${index}`], ...(account_id && { account_id }) };
      return [name, settings] as const;
    });
    writeFileSync(file, JSON.stringify(Object.fromEntries(sources)));
  };

  type Following = {
    readonly accounts: FollowedAccounts;
    /** Whether the file is in use, now and before. */
    readonly uses: boolean[];
    readonly changes: unknown[];
  };
  function follow(stripeAccountId?: string, maxWaitMs = 0): Following {
    const uses: boolean[] = [];
    const changes: unknown[] = [];
    const accounts = followPlatformAccounts({
      pool,
      configured: () => configured.accounts(),
      untilNamed: createSettingsWait({
        mayStillName: (source) => configured.mayStillName(source),
        stopping: stopping.signal,
        log,
        maxWaitMs,
      }),
      stopping: stopping.signal,
      onChanged: (error) => void changes.push(error),
      log,
    });
    const configured = followConfiguredAccounts(
      { stripeAccountId, sourcesFile: file },
      { accountOf: accounts.accountOf, onFile: (used) => void uses.push(used), log },
    );
    running.push(accounts);
    return { accounts, uses, changes };
  }
  const failureOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "none",
      (error: unknown) => String(error),
    );

  it("are stored at the start, and another one is refused with a message that names source and accounts", async () => {
    write({ eu: "acct_eu", us: undefined });
    const { accounts } = follow("acct_own");
    expect(await accounts.start()).to.equal(true);
    expect(["default", "eu", "us"].map(accounts.accountOf)).to.deep.equal(["acct_own", "acct_eu", undefined]);
    write({ eu: "acct_other" });
    expect(await failureOf(follow().accounts.start())).to.match(
      /account_id of source eu is acct_other, but .* counted with acct_eu .*--change-account --source eu/,
    );
  });

  it("are known before the first event of a source that was just added, in every process", async () => {
    const wanted = new Map<string, string>();
    const [first, second] = [() => wanted, () => new Map<string, string>()].map((configured) => {
      const onChanged = (): void => {};
      const accounts = followPlatformAccounts({
        pool,
        untilNamed: () => Promise.resolve(true),
        configured,
        stopping: stopping.signal,
        onChanged,
        log,
      });
      running.push(accounts);
      return accounts;
    });
    await Promise.all([first?.start(), second?.start()]);
    wanted.set("eu", "acct_eu");
    await first?.learn(new Set(["eu"]));
    expect(first?.accountOf("eu")).to.equal("acct_eu");
    await second?.learn(new Set(["eu", "in-no-file"]));
    expect([second?.accountOf("eu"), second?.accountOf("in-no-file")]).to.deep.equal(["acct_eu", undefined]);
    const { rows } = await pool.query<{ name: string }>("select name from takings.sources order by 1");
    expect(rows.map(({ name }) => name)).to.deep.equal(["default", "eu", "in-no-file"]);
  });

  it("of a changed file are refused where they differ from those in use, and the others are used", async () => {
    write({ eu: "acct_eu" });
    const { accounts, uses, changes } = follow("acct_own");
    await accounts.start();
    write({ eu: "acct_other", us: "acct_own", uk: "acct_uk" });
    await eventually("the file to be refused in part", async () => {
      await accounts.learn(new Set(["eu", "us", "uk"]));
      return uses.at(-1) === false || undefined;
    });
    expect(["eu", "us", "uk"].map(accounts.accountOf)).to.deep.equal(["acct_eu", undefined, "acct_uk"]);
    write({ eu: "acct_eu", us: "acct_us", uk: "acct_uk" });
    await eventually("the account of the other source", async () => {
      await accounts.learn(new Set(["us"]));
      return accounts.accountOf("us") === "acct_us" || undefined;
    });
    expect([uses, changes]).to.deep.equal([[true, false, true], []]);
  });

  it("are refused where one is that of the default source, which only the database knows", async () => {
    await pool.query("select takings.register_source('default', 'acct_own')");
    write({ eu: "acct_own" });
    expect(await failureOf(follow().accounts.start())).to.contain(
      "account_id of source eu is acct_own, which is the platform account of the source default",
    );
    write({});
    const { accounts, uses } = follow();
    await accounts.start();
    write({ eu: "acct_own" });
    await eventually("the file to be refused in part", async () => {
      await accounts.learn(new Set(["eu"]));
      return uses.at(-1) === false || undefined;
    });
    expect(accounts.accountOf("eu")).to.equal(undefined);
  });

  it("are awaited before the first event of a source that the file does not have yet", async () => {
    write({});
    const { accounts } = follow("acct_own", 10_000);
    await accounts.start();
    const learned = accounts.learn(new Set(["default", "eu"]));
    write({ eu: "acct_eu" });
    await learned;
    expect(accounts.accountOf("eu")).to.equal("acct_eu");
  });

  it("of a source that no file has are awaited once, so long as the service is not stopping", async () => {
    write({});
    const waits = { stopping: stopping.signal, log, mayStillName: () => true };
    const began = performance.now();
    const wait = createSettingsWait({ ...waits, maxWaitMs: 100 });
    expect([await wait(["eu"]), await wait(["eu"])]).to.deep.equal([true, true]);
    const waiting = createSettingsWait(waits)(["eu"]);
    stopping.abort();
    expect(await waiting).to.equal(false);
    expect(performance.now() - began).to.be.lessThan(5_000);
  });
});

describe("the metrics of the consumer", () => {
  it("have a series for each source, and a bounded number of them", async () => {
    const registry = createMetrics();
    const metrics = createConsumerMetrics(registry);
    for (let n = 0; n < 150; n += 1) metrics.processed("invoice.paid", `shop-${n}`);
    metrics.duplicate("shop-1");
    const { body } = await registry.render("prometheus");
    expect(body).to.contain('takings_events_processed_total{type="invoice.paid",source="shop-1"} 1');
    expect(body).to.contain('takings_events_processed_total{type="invoice.paid",source="other"} 51');
    expect(body).to.contain('takings_events_duplicate_total{source="shop-1"} 1');
  });
});
