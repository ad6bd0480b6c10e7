import { applyTopology, openLink } from "@takings/nats";
import {
  eventually,
  startService,
  type TestDatabase,
  type TestNats,
  testDatabase,
  testNats,
} from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Pool } from "pg";

describe("the platform's own account, for a consumer,", function () {
  this.timeout(90_000);
  let nats: TestNats;
  let database: TestDatabase;
  let admin: Pool;
  beforeEach(async () => {
    [nats, database] = await Promise.all([testNats(), testDatabase()]);
    admin = new Pool({ connectionString: database.superuserUrl, max: 1 });
    const link = await openLink({ url: nats.urls.admin, name: "admin" });
    await applyTopology((await link.connected(5_000)).nats, { replicas: 1, maxBytes: 100_000_000 });
    await link.close();
  });
  afterEach(async () => {
    await admin.end();
    await Promise.all([nats.close(), database.drop()]);
  });

  const consumer = (account: string): ReturnType<typeof startService> =>
    startService("consumer", {
      NATS_URL: nats.urls.consumer,
      DATABASE_URL: database.writerUrl,
      STRIPE_ACCOUNT_ID: account,
    });
  const isEnded = (service: { isRunning(): boolean }): Promise<true> =>
    eventually("the consumer to end", () => !service.isRunning() || undefined, 30_000);
  const stored = async (): Promise<unknown[]> =>
    (
      await admin.query(
        "select stripe_account_id as account from takings.sources where stripe_account_id is not null",
      )
    ).rows;

  it("is stored in the database, and another one is refused with a message that names both", async () => {
    await using first = await consumer("acct_Ours");
    await eventually("the account to be stored", async () => (await stored()).length > 0 || undefined);
    expect(await stored()).to.deep.equal([{ account: "acct_Ours" }]);
    await using second = await consumer("acct_Other");
    await isEnded(second);
    expect(await second.end("SIGTERM")).to.equal(1);
    expect(second.output()).to.match(/STRIPE_ACCOUNT_ID is acct_Other, but .* counted with acct_Ours/);
    expect(first.isRunning()).to.equal(true);
  });

  it("ends a consumer that was started with it when it is changed", async () => {
    await using service = await consumer("acct_Ours");
    await eventually("the account to be stored", async () => (await stored()).length > 0 || undefined);
    await admin.query("update takings.sources set stripe_account_id = 'acct_Other'");
    await isEnded(service);
    expect(await service.end("SIGTERM")).to.equal(1);
    expect(service.output()).to.contain("platform_account_changed");
  });
});
