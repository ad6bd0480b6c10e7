import { applyTopology, type NatsLink, openLink, readBacklog } from "@takings/nats";
import { createPool } from "@takings/postgres";
import {
  eventually,
  startService,
  type TestDatabase,
  type TestNats,
  type TestService,
  testDatabase,
  testNats,
} from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";

const crashingConsumer = "services/consumer/test/test-programs/crashing-consumer.ts";
/** So short that the events of a crashed process are redelivered at once. */
const ackWaitMs = 300;

describe("an event that crashes the process that reads it (fault 34)", function () {
  this.timeout(150_000);
  let nats: TestNats;
  let database: TestDatabase;
  let superuser: Pool;
  let admin: NatsLink;
  let running: TestService | undefined;
  let deaths: number;

  beforeEach(async () => {
    [nats, database] = await Promise.all([testNats(), testDatabase()]);
    superuser = createPool({
      url: database.superuserUrl,
      name: "test",
      max: 1,
      statementTimeoutMs: 5_000,
      onIdleError: () => {},
    });
    admin = await openLink({ url: nats.urls.admin, name: "admin" });
    const { nats: connection } = await admin.connected(5_000);
    await applyTopology(connection, { replicas: 1, maxBytes: 100_000_000 });
    const manager = await connection.jetstreamManager();
    await manager.consumers.update(stream.name, durable.name, { ack_wait: ackWaitMs * 1e6 });
    deaths = 0;
  });
  afterEach(async () => {
    await running?.end("SIGKILL");
    await Promise.all([admin.close(), superuser.end()]);
    await Promise.all([nats.close(), database.drop()]);
  });

  async function publish(id: string, text = ""): Promise<void> {
    const { nats: connection } = await admin.connected(5_000);
    const body = JSON.stringify({
      id,
      type: "payment_intent.succeeded",
      created: 1_700_000_000,
      livemode: true,
      data: { object: { id: id.replace("evt", "pi"), amount_received: 100, currency: "usd" } },
      text,
    });
    const subject = "stripe.events.payment_intent.succeeded";
    await connection.jetstream().publish(subject, body, { msgID: id });
  }

  /** Starts the consumer, and restarts it whenever it has ended, as an orchestrator does, until the condition holds. */
  async function keepRunningUntil(what: string, holds: () => Promise<boolean>): Promise<void> {
    const start = (): Promise<TestService> =>
      startService(
        "consumer",
        { NATS_URL: nats.urls.consumer, DATABASE_URL: database.writerUrl },
        { main: crashingConsumer },
      );
    running = await start();
    await eventually(
      what,
      async () => {
        if (running?.isRunning() !== true) {
          deaths += 1;
          running = await start();
        }
        return holds();
      },
      140_000,
    );
  }

  async function settled(): Promise<boolean> {
    return (await readBacklog(admin)).pending === 0;
  }

  async function events(): Promise<Record<string, unknown>[]> {
    const { rows } = await superuser.query<Record<string, unknown>>(
      "select event_id, type, status, reason from takings.events order by event_id",
    );
    return rows;
  }

  it("is isolated and quarantined unparsed; the other events are counted", async () => {
    for (const n of [1, 2, 3]) await publish(`evt_before${n}`);
    await publish("evt_poison", "poison");
    for (const n of [1, 2, 3]) await publish(`evt_later${n}`);
    await keepRunningUntil("everything to be settled", settled);
    const all = await events();
    expect(all.map(({ event_id: id, status }) => `${String(id)} ${String(status)}`)).to.deep.equal([
      "evt_before1 processed",
      "evt_before2 processed",
      "evt_before3 processed",
      "evt_later1 processed",
      "evt_later2 processed",
      "evt_later3 processed",
      "evt_poison quarantined",
    ]);
    expect(all.at(-1)).to.deep.include({
      type: "payment_intent.succeeded",
      reason: "unparsed: the process ended 3 times while it worked on this event alone",
    });
    // Three times alone, and before that at most twice with others: with so short an ack-wait a busy machine may deliver
    // it a third time before the process has ended.
    expect(deaths).to.be.within(3, 5);
    const { rows } = await superuser.query<{ entries: string; sum: string }>(
      "select count(*) as entries, sum(amount) as sum from takings.ledger",
    );
    expect(rows).to.deep.equal([{ entries: "6", sum: "600" }]);
  });
});
