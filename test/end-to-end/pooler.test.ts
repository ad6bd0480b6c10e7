import { applyTopology, openLink } from "@takings/nats";
import { createRevenueClient, paymentEvent, postWebhook, testSecret } from "@takings/simulator";
import {
  canRunPgbouncer,
  eventually,
  startService,
  type TestDatabase,
  testDatabase,
  type TestNats,
  testNats,
  type TestPgbouncer,
  testPgbouncer,
  type TestService,
} from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { untilRecorded } from "./src/until-recorded.ts";

const what = "the services behind PgBouncer";
const count = 60;
/** As many as revenue-query runs and queues without a refusal, and more than there are server connections. */
const parallelReads = 12;

/** All kinds of reads. */
const paths = [
  "/v1/revenue",
  "/v1/revenue?currency=usd",
  "/v1/revenue/series?interval=month&from=2023-01-01&to=2024-01-01",
  "/v1/revenue/changes?since=2023-01-01T00:00:00Z",
  "/v1/ledger?limit=5",
  "/v1/events?limit=5",
  "/v1/events/evt_pooled_1",
  "/v1/payments/pi_pooled_1",
  "/v1/gaps",
];

if (canRunPgbouncer(what)) {
  describe(what, function () {
    this.timeout(120_000);
    let database: TestDatabase;
    let nats: TestNats;
    let ingress: TestService;
    /** Everything to stop after the tests, also if starting failed halfway. */
    const started = new AsyncDisposableStack();

    before(async () => {
      database = started.use(await testDatabase());
      nats = started.use(await testNats());
      const admin = await openLink({ url: nats.urls.admin, name: "admin" });
      await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 100_000_000 });
      await admin.close();
      const env = {
        NATS_URL: nats.urls.ingress,
        NATS_MONITOR_URL: nats.monitorUrl,
        STRIPE_WEBHOOK_SECRETS: testSecret,
      };
      ingress = started.use(await startService("ingress", env));
      await ingress.ready();
    });
    after(async () => {
      await started.disposeAsync();
    });

    const pgbouncer = (parameters: Readonly<Record<string, string | number>>): Promise<TestPgbouncer> =>
      testPgbouncer([database.writerUrl, database.readerUrl], parameters);
    const startConsumer = (pooler: TestPgbouncer): Promise<TestService> =>
      startService("consumer", {
        NATS_URL: nats.urls.consumer,
        DATABASE_URL: pooler.through(database.writerUrl),
      });
    const startRevenueQuery = (pooler: TestPgbouncer): Promise<TestService> =>
      startService("revenue-query", {
        DATABASE_URL: pooler.through(database.readerUrl),
        ALLOW_ANONYMOUS: "true",
        RATE_LIMIT_PER_MINUTE: "100000",
      });

    it("record every event and answer parallel reads of every kind in transaction mode", async () => {
      await using pooler = await pgbouncer({ pool_mode: "transaction", default_pool_size: 2 });
      await using consumer = await startConsumer(pooler);
      await using query = await startRevenueQuery(pooler);
      await Promise.all([consumer.ready(), query.ready()]);
      const ids = Array.from({ length: count }, (_, n) => `evt_pooled_${n}`);
      for (const id of ids) {
        const { body } = paymentEvent({ id, created: 1_700_000_000, livemode: true });
        expect((await postWebhook({ url: ingress.url, body })).status).to.equal(200);
      }
      await untilRecorded(createRevenueClient(query.url), new Set(ids), 20_000);
      const failed: string[] = [];
      const requests = Array.from({ length: 120 }, (_, n) => paths[n % paths.length] ?? "").values();
      const reader = async (): Promise<void> => {
        // The readers share the iterator.
        for (const path of requests) {
          const response = await fetch(query.url + path);
          const body = await response.text();
          if (response.status !== 200) failed.push(`${path}: ${response.status} ${body}`);
        }
      };
      await Promise.all(Array.from({ length: parallelReads }, reader));
      expect(failed).to.deep.equal([]);
    });

    it("are not ready in statement mode, and the log says what to do", async () => {
      await using pooler = await pgbouncer({ pool_mode: "statement" });
      await using consumer = await startConsumer(pooler);
      await using query = await startRevenueQuery(pooler);
      for (const service of [consumer, query]) {
        await eventually("the reason in the log", () =>
          service.lines().some(({ reason }) => String(reason).includes("a connection pooler is between")),
        );
        expect((await fetch(`${service.adminUrl}/readyz`)).status).to.equal(503);
      }
    });
  });
}
