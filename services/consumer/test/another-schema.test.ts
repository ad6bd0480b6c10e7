import { applyTopology, openLink } from "@takings/nats";
import { createPool } from "@takings/postgres";
import { eventually, startService, testDatabase, testNats } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";

const eventId = "evt_waiting";
const event = JSON.stringify({
  id: eventId,
  type: "payment_intent.succeeded",
  created: 1_700_000_000,
  livemode: true,
  data: { object: { id: "pi_waiting", amount_received: 100, currency: "usd" } },
});

describe("the consumer on a database of another version", () => {
  it("reports it, is not ready and writes nothing; with the right schema the event is stored", async () => {
    const [nats, database] = await Promise.all([testNats(), testDatabase()]);
    const admin = await openLink({ url: nats.urls.admin, name: "admin" });
    const { nats: connection } = await admin.connected(5_000);
    await applyTopology(connection, { replicas: 1, maxBytes: 100_000_000 });
    const superuser = createPool({
      url: database.superuserUrl,
      name: "test",
      max: 1,
      statementTimeoutMs: 5_000,
      onIdleError: () => {},
    });
    const setChecksums = (change: string): Promise<unknown> =>
      superuser.query(`update takings.migrations set checksum = ${change}`);
    const stored = async (): Promise<number> =>
      (await superuser.query("select from takings.events where event_id = $1", [eventId])).rowCount ?? 0;
    await setChecksums("'x' || checksum");
    const consumer = await startService("consumer", {
      NATS_URL: nats.urls.consumer,
      DATABASE_URL: database.writerUrl,
    });
    try {
      const readiness = async (): Promise<string> => {
        const answer = await fetch(`${consumer.adminUrl}/readyz`, { headers: { connection: "close" } });
        return `${answer.status} ${await answer.text()}`;
      };
      const subject = "stripe.events.payment_intent.succeeded";
      await connection.jetstream().publish(subject, event, { msgID: eventId });
      await eventually("an attempt", () => consumer.output().includes("processing_failed"));
      await eventually("the reason", async () =>
        /^503 migration 000001_schema.sql was applied in another version/.test(await readiness()),
      );
      expect(await stored()).to.equal(0);
      // None of that counts against the event, although the tables exist and would accept others.
      const attempts = (): number => consumer.output().split("batch_failed").length - 1;
      await eventually("six attempts", () => attempts() >= 6, 30_000);
      expect(consumer.output()).not.to.contain("event_stuck");
      await setChecksums("substr(checksum, 2)");
      await eventually("the event to be stored", async () => (await stored()) === 1, 30_000);
      await eventually("readiness", async () => (await readiness()).startsWith("200"), 30_000);
    } finally {
      await consumer.end("SIGKILL");
      await Promise.all([admin.close(), superuser.end()]);
      await Promise.all([nats.close(), database.drop()]);
    }
  });
});
