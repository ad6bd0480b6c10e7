import { createPaymentService, type PaymentWriter, TakingsError } from "@takings/domain";
import {
  applyTopology,
  type Deliveries,
  type NatsLink,
  openDeliveries,
  openLink,
  readBacklog,
} from "@takings/nats";
import { createPaymentWriter, createPool, createIsolationLog } from "@takings/postgres";
import { createLogger, createMetrics } from "@takings/runtime";
import { eventually, type TestDatabase, type TestNats, testDatabase, testNats } from "@takings/testkit";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { consume } from "../src/consume.ts";
import { createConsumerMetrics } from "../src/metrics.ts";
import { createRecorder } from "../src/record-batch.ts";

type Running = { readonly deliveries: Deliveries; stop(): Promise<void> };

const payments = createPaymentService();

describe("consuming", () => {
  let nats: TestNats;
  let database: TestDatabase;
  let pool: Pool;
  let admin: NatsLink;
  let link: NatsLink;
  let running: Running | undefined;

  beforeEach(async () => {
    [nats, database] = await Promise.all([testNats(), testDatabase()]);
    pool = createPool({
      url: database.writerUrl,
      name: "test",
      max: 2,
      statementTimeoutMs: 5_000,
      onIdleError: () => {},
    });
    admin = await openLink({ url: nats.urls.admin, name: "admin" });
    link = await openLink({ url: nats.urls.consumer, name: "consumer" });
    await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 100_000_000 });
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await Promise.all([admin.close(), link.close(), pool.end()]);
    await Promise.all([nats.close(), database.drop()]);
  });

  function start(writer: PaymentWriter = createPaymentWriter(pool)): Running {
    const stopping = new AbortController();
    const deliveries = openDeliveries(link, { batchSize: 50, onError: () => {} });
    const consuming = consume({
      deliveries,
      record: createRecorder({
        writer,
        probe: async () => void (await pool.query("select from takings.events limit 0")),
      }),
      isolationLog: createIsolationLog(pool),
      read: (stored) => toEventRecord(stored, payments),
      learn: async () => {},
      metrics: createConsumerMetrics(createMetrics()),
      log: createLogger({ service: "test", level: "silent" }),
      stopping: stopping.signal,
    });
    return {
      deliveries,
      async stop() {
        stopping.abort();
        await deliveries.stop();
        await consuming;
      },
    };
  }

  async function publish(count: number, from = 0): Promise<void> {
    const { nats: connection } = await admin.connected(5_000);
    const payment = (n: number): string =>
      JSON.stringify({
        id: `evt_${n}`,
        type: "payment_intent.succeeded",
        created: 1_700_000_000 + n,
        livemode: true,
        data: { object: { id: `pi_${n}`, amount_received: 100, currency: "usd" } },
      });
    const js = connection.jetstream();
    await Promise.all(
      Array.from({ length: count }, (_, n) =>
        js.publish("stripe.events.payment_intent.succeeded", payment(from + n)),
      ),
    );
  }

  async function counted(): Promise<{ entries: string; sum: string | null }> {
    const { rows } = await pool.query<{ entries: string; sum: string | null }>(
      "select count(*) as entries, sum(amount) as sum from takings.ledger",
    );
    return rows[0] ?? { entries: "0", sum: null };
  }

  async function untilCounted(entries: number): Promise<void> {
    await eventually(`${entries} entries`, async () => (await counted()).entries === String(entries));
  }
  async function untilPending(pending: number): Promise<void> {
    await eventually(`${pending} pending`, async () => (await readBacklog(link)).pending === pending);
  }

  it("commits the events of the stream to the ledger and acknowledges them", async () => {
    await publish(120);
    running = start();
    await untilCounted(120);
    await untilPending(0);
  });

  it("waits for the database, however often it fails, and then counts once", async () => {
    const writer = createPaymentWriter(pool);
    let failures = 0;
    running = start({
      record: async (batch) => {
        failures += 1;
        if (failures <= 3) throw new TakingsError("unavailable", "away");
        return writer.record(batch);
      },
    });
    await publish(10);
    await untilCounted(10);
    await untilPending(0);
  });

  it("acknowledges nothing before the commit", async () => {
    const committing = Promise.withResolvers<void>();
    const writer = createPaymentWriter(pool);
    running = start({
      record: async (batch) => {
        await committing.promise;
        return writer.record(batch);
      },
    });
    await publish(5);
    await untilPending(5);
    expect((await readBacklog(link)).oldest).to.be.instanceOf(Date);
    committing.resolve();
    await untilPending(0);
    expect((await counted()).entries).to.equal("5");
  });

  it("counts once when a commit succeeded but appeared to fail (fault 37)", async () => {
    const writer = createPaymentWriter(pool);
    let calls = 0;
    running = start({
      record: async (batch) => {
        calls += 1;
        const fresh = await writer.record(batch);
        if (calls === 1) throw new TakingsError("unavailable", "the answer to COMMIT was lost");
        return fresh;
      },
    });
    await publish(20);
    await untilPending(0);
    expect(await counted()).to.deep.equal({ entries: "20", sum: "2000" });
  });

  it("continues after its database connections were closed", async () => {
    running = start();
    await publish(30);
    await untilCounted(30);
    const superuser = createPool({
      url: database.superuserUrl,
      name: "test",
      max: 1,
      statementTimeoutMs: 5_000,
      onIdleError: () => {},
    });
    await superuser.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'takings-test' and pid <> pg_backend_pid() and datname = current_database()",
    );
    await superuser.end();
    await publish(30, 30);
    await untilCounted(60);
    await untilPending(0);
  });

  it("continues after the stream's server was killed", async () => {
    running = start();
    await publish(20);
    await untilCounted(20);
    await nats.kill();
    await nats.start();
    await publish(20, 20);
    await untilCounted(40);
  });

  it("quarantines garbage without delaying other events (fault 33)", async () => {
    const { nats: connection } = await admin.connected(5_000);
    await connection.jetstream().publish("stripe.events.garbage", "not an event");
    await publish(10);
    running = start();
    await untilCounted(10);
    await untilPending(0);
    const superuser = createPool({
      url: database.superuserUrl,
      name: "test",
      max: 1,
      statementTimeoutMs: 5_000,
      onIdleError: () => {},
    });
    const { rows } = await superuser.query(
      "select convert_from(payload, 'UTF8') as payload from takings.events where status = 'quarantined'",
    );
    await superuser.end();
    expect(rows).to.deep.equal([{ payload: "not an event" }]);
  });

  it("naks what it has not started when it stops", async () => {
    running = start({
      record: async () => {
        throw new TakingsError("unavailable", "away");
      },
    });
    await publish(100);
    await eventually("deliveries in flight", async () =>
      expect((await readBacklog(link)).pending).to.equal(100),
    );
    await running.stop();
    running = start();
    await untilCounted(100);
  });
});
