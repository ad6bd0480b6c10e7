import { applyTopology, openLink } from "@takings/nats";
import { createRevenueClient, paymentEvent, postWebhook, testSecret } from "@takings/simulator";
import {
  eventually,
  startService,
  type TestNats,
  type TestPostgres,
  type TestService,
  testNats,
  testPostgres,
} from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

/** Every response must arrive within this time, whatever has failed. */
const answerWithinMs = 9_000;

describe("the services, during and after outages of NATS and PostgreSQL", function () {
  this.timeout(120_000);
  let nats: TestNats;
  let postgres: TestPostgres;
  let ingress: TestService;
  let consumer: TestService;
  let query: TestService;
  /** Everything to stop after the tests, also if starting failed halfway. */
  const started = new AsyncDisposableStack();
  const accepted = new Set<string>();
  let sent = 0;

  before(async () => {
    nats = started.use(await testNats());
    postgres = started.use(await testPostgres());
    const admin = await openLink({ url: nats.urls.admin, name: "admin" });
    await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 100_000_000 });
    await admin.close();
    const inNats = { NATS_URL: nats.urls.ingress, NATS_MONITOR_URL: nats.monitorUrl };
    ingress = started.use(await startService("ingress", { ...inNats, STRIPE_WEBHOOK_SECRETS: testSecret }));
    consumer = started.use(
      await startService("consumer", { NATS_URL: nats.urls.consumer, DATABASE_URL: postgres.writerUrl }),
    );
    query = started.use(
      await startService("revenue-query", { DATABASE_URL: postgres.readerUrl, ALLOW_ANONYMOUS: "true" }),
    );
    await untilAccepted();
    await untilAllCounted();
  });
  after(async () => {
    await started.disposeAsync();
  });

  /** Sends one new payment to ingress and records it if it was answered with 2xx. */
  async function send(): Promise<number> {
    sent += 1;
    const id = `evt_recovery${sent}`;
    const { body } = paymentEvent({ id, created: 1_700_000_000 + sent, livemode: true });
    const { status, headers } = await postWebhook({ url: ingress.url, body, timeoutMs: answerWithinMs });
    if (status === 200) accepted.add(id);
    else expect(headers.get("retry-after")).to.match(/^\d+$/);
    return status;
  }

  const revenueStatus = async (): Promise<number> =>
    (await fetch(`${query.url}/v1/revenue`, { signal: AbortSignal.timeout(answerWithinMs) })).status;

  async function untilAccepted(): Promise<void> {
    await eventually("an accepted event", async () => (await send()) === 200, 20_000);
  }

  /** Until the ledger has exactly one entry for every accepted event. */
  async function untilAllCounted(): Promise<void> {
    await eventually(
      `all ${accepted.size} to be counted`,
      async () => {
        const entries = await createRevenueClient(query.url).ledger({});
        expect(new Set(entries.map((entry) => entry.event_id)).size, "each once").to.equal(entries.length);
        return accepted.difference(new Set(entries.map((entry) => entry.event_id))).size === 0;
      },
      40_000,
    );
  }

  async function untilBack(): Promise<void> {
    await untilAccepted();
    await untilAllCounted();
    await eventually("a response", async () => (await revenueStatus()) === 200, 20_000);
    expect([ingress, consumer, query].map((service) => service.isRunning())).to.deep.equal([
      true,
      true,
      true,
    ]);
  }

  it("PostgreSQL killed: events are accepted, queries get 503, and everything is counted afterwards", async () => {
    await postgres.kill();
    expect([await send(), await send(), await send()]).to.deep.equal([200, 200, 200]);
    expect(await revenueStatus()).to.equal(503);
    await postgres.start();
    await untilBack();
  });

  it("PostgreSQL restarted under load, as in a failover", async () => {
    await postgres.stop();
    expect(await send()).to.equal(200);
    await postgres.start();
    expect(await send()).to.equal(200);
    await untilBack();
  });

  it("PostgreSQL frozen and resumed", async () => {
    await postgres.pause();
    try {
      expect([await send(), await send()]).to.deep.equal([200, 200]);
    } finally {
      postgres.resume();
    }
    await untilBack();
  });

  it("NATS killed: events are refused at once, queries are answered, and events are accepted afterwards", async () => {
    await nats.kill();
    expect([await send(), await send()]).to.deep.equal([503, 503]);
    expect(await revenueStatus()).to.equal(200);
    await nats.start();
    await untilBack();
  });

  it("NATS frozen: events are refused in time, and accepted after it resumes", async () => {
    await nats.pause();
    try {
      expect(await send()).to.equal(503);
      expect(await revenueStatus()).to.equal(200);
    } finally {
      nats.resume();
    }
    await untilBack();
  });

  it("both killed at once", async () => {
    await Promise.all([nats.kill(), postgres.kill()]);
    expect(await send()).to.equal(503);
    // A session may respond once more before it detects that its server is gone.
    await eventually("queries to be refused", async () => (await revenueStatus()) === 503);
    await Promise.all([nats.start(), postgres.start()]);
    await untilBack();
  });
});
