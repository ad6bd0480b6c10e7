import {
  applyTopology,
  durableConfig,
  type NatsLink,
  openDeliveries,
  openLink,
  recreateDurable,
} from "@takings/nats";
import { createPaymentWriter, createPool } from "@takings/postgres";
import {
  canShiftClock,
  eventWithEntry,
  eventually,
  shiftedClock,
  type TestDatabase,
  type TestNats,
  testDatabase,
  testNats,
} from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import fc from "fast-check";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { purgeCommand } from "../src/purge/purge-command.ts";
import { runPurge } from "../src/purge/run-purge.ts";
import { streamCommand } from "../src/stream/stream-command.ts";
import { run, takings } from "./takings.ts";

describe("takings purge", () => {
  let nats: TestNats;
  let database: TestDatabase;
  let writing: Pool;
  let admin: NatsLink;
  let consumer: NatsLink;
  let purger: NatsLink;

  beforeEach(async () => {
    [nats, database] = await Promise.all([testNats(), testDatabase()]);
    writing = poolOf(database.writerUrl);
    admin = await openLink({ url: nats.urls.admin, name: "admin" });
    consumer = await openLink({ url: nats.urls.consumer, name: "consumer" });
    purger = await openLink({ url: nats.urls.purger, name: "purger" });
    await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 100_000_000 });
  });
  afterEach(async () => {
    await Promise.all([admin.close(), consumer.close(), purger.close(), writing.end()]);
    await Promise.all([nats.close(), database.drop()]);
  });

  function poolOf(url: string): Pool {
    return createPool({ url, name: "test", max: 4, statementTimeoutMs: 5_000, onIdleError: () => {} });
  }

  async function publish(count: number): Promise<void> {
    const js = (await admin.connected(5_000)).nats.jetstream();
    for (let n = 0; n < count; n += 1) await js.publish("stripe.events.invoice.paid", `${n}`);
  }

  type Fate = { readonly committed: boolean; readonly acknowledged: boolean };
  const settled: Fate = { committed: true, acknowledged: true };

  /** Takes events off the stream and commits or acknowledges each as given; commits are made one by one, last first. */
  async function take(count: number, fateOf: (index: number) => Fate, into: Pool = writing): Promise<void> {
    const deliveries = openDeliveries(consumer, { batchSize: count, onError: () => {} });
    const taken = (await deliveries.nextBatch()) ?? [];
    const all = [...taken];
    while (all.length < count) all.push(...((await deliveries.nextBatch()) ?? []));
    const writer = createPaymentWriter(into);
    const fates = all.map((delivery, index) => ({ delivery, fate: fateOf(index) })).toReversed();
    for (const { delivery, fate } of fates) {
      const { position } = delivery;
      const event = eventWithEntry({ eventId: `evt_${position.sequence}` });
      if (fate.committed) await writer.record([{ ...event, position }]);
    }
    await deliveries.acknowledge(
      fates.flatMap(({ delivery, fate }) => (fate.acknowledged ? [delivery] : [])),
    );
    await (await consumer.connected(5_000)).nats.flush();
    await deliveries.stop();
  }

  /** The first and last sequence of the stream. */
  async function extent(): Promise<readonly [number, number]> {
    const manager = await (await admin.connected(5_000)).nats.jetstreamManager();
    const { state } = await manager.streams.info(stream.name);
    return [state.first_seq, state.last_seq];
  }

  async function untilAcknowledged(sequence: number): Promise<void> {
    const manager = await (await admin.connected(5_000)).nats.jetstreamManager();
    await eventually(`${sequence} to be acknowledged`, async () => {
      const { ack_floor: floor } = await manager.consumers.info(stream.name, durable.name);
      return floor.stream_seq >= sequence;
    });
  }

  const command = (env: Record<string, string>, ...args: string[]): ReturnType<typeof run> =>
    run(purgeCommand, args, {
      NATS_URL: nats.urls.purger,
      DATABASE_URL: database.purgerUrl,
      STREAM_KEEP: "0s",
      ...env,
    });

  async function purge(databaseUrl = database.purgerUrl, keepMs = 0): ReturnType<typeof runPurge> {
    const { nats: connection } = await purger.connected(5_000);
    return runPurge({ nats: connection, databaseUrl, keepMs, dryRun: false });
  }

  it("removes what is committed and acknowledged, and reports it", async () => {
    await publish(10);
    await take(10, (index) => (index < 7 ? settled : { committed: true, acknowledged: false }));
    await untilAcknowledged(7);
    expect(await command({})).to.deep.equal({
      code: 0,
      output:
        "purged 7 events, sequences 1 to 7 of 10: what follows is not acknowledged (committed up to 10, acknowledged up to 7)\n",
    });
    expect(await extent()).to.deep.equal([8, 10]);
  });

  it("keeps what is not older than STREAM_KEEP, 7 days by default", async () => {
    await publish(3);
    await take(3, () => settled);
    await untilAcknowledged(3);
    const { code, output } = await command({ STREAM_KEEP: "" });
    expect([code, output]).to.deep.equal([
      0,
      "purged nothing: what follows is not older than STREAM_KEEP (committed up to 3, acknowledged up to 3)\n",
    ]);
    expect(await purge(undefined, 60_000)).to.include({ purged: 0, keptBy: "age" });
    expect(await extent()).to.deep.equal([1, 3]);
  });

  it("keeps what is not older than STREAM_KEEP by the server's clock, when its own clock is ahead", async function () {
    if (!canShiftClock("a purge whose clock is ahead")) return this.skip();
    const clock = shiftedClock();
    clock.shift(8 * 86_400);
    await publish(3);
    await take(3, () => settled);
    await untilAcknowledged(3);
    const { code, output } = await takings(["purge"], {
      NATS_URL: nats.urls.purger,
      DATABASE_URL: database.purgerUrl,
      ...clock.env,
    });
    expect([code, output]).to.deep.equal([
      0,
      "purged nothing: what follows is not older than STREAM_KEEP (committed up to 3, acknowledged up to 3)\n",
    ]);
    expect(await extent()).to.deep.equal([1, 3]);
  });

  it("reports in a dry run what would be removed, as JSON if requested, and removes nothing", async () => {
    await publish(3);
    await take(3, () => settled);
    await untilAcknowledged(3);
    const { code, output } = await command({}, "--dry-run", "--json");
    expect(code).to.equal(0);
    expect(JSON.parse(output)).to.deep.equal({
      upTo: 3,
      committed: 3,
      keptBy: "nothing",
      first: 1,
      last: 3,
      acknowledged: 3,
      purged: 3,
      dryRun: true,
    });
    expect(await extent()).to.deep.equal([1, 3]);
  });

  it("keeps acknowledged events that a database restored from a backup has lost, and says so, until they are replayed", async () => {
    await publish(10);
    await using backup = await testDatabase();
    const old = poolOf(backup.writerUrl);
    // The backup was taken after four events.
    await take(10, (index) => ({ committed: index < 4, acknowledged: true }), old);
    await untilAcknowledged(10);
    expect(await purge(backup.purgerUrl)).to.include({
      upTo: 4,
      purged: 4,
      acknowledged: 10,
      keptBy: "commit",
    });
    const other = { DATABASE_URL: backup.purgerUrl };
    const noticed = await command({ ...other, STREAM_KEEP: "7d" });
    expect(noticed.output).to.match(
      /^purged nothing: .*\ntakings: event 5 of the stream is acknowledged but not committed in the database/,
    );
    expect(noticed.code).to.equal(1);
    const replayed = await run(streamCommand, ["replay", "--from-sequence", "5"], {
      NATS_URL: nats.urls.admin,
    });
    expect(replayed.output).to.match(/^6 events will be delivered again/);
    await take(6, () => settled, old);
    await untilAcknowledged(10);
    expect(await purge(backup.purgerUrl)).to.include({ upTo: 10, purged: 6, keptBy: "nothing" });
    expect(await command(other)).to.include({ code: 0 });
    await old.end();
  });

  it("does not mistake a recreated stream for the one whose events are committed", async () => {
    await publish(5);
    await take(5, () => settled);
    const { nats: connection } = await admin.connected(5_000);
    const manager = await connection.jetstreamManager();
    await manager.streams.delete(stream.name);
    // The server may still be deleting the files of the previous stream.
    await eventually("the stream to be created again", () =>
      applyTopology(connection, { replicas: 1, maxBytes: 100_000_000 }).then(() => true),
    );
    await publish(5);
    await take(5, () => ({ committed: false, acknowledged: true }));
    await untilAcknowledged(5);
    expect(await purge()).to.include({ purged: 0, acknowledged: 5, keptBy: "commit" });
    expect(await extent()).to.deep.equal([1, 5]);
  });

  it("fails when the durable consumer may have acknowledged skipped events, or is missing", async () => {
    await publish(5);
    const manager = await (await admin.connected(5_000)).nats.jetstreamManager();
    await manager.consumers.delete(stream.name, durable.name);
    expect(await purge().catch(String)).to.equal("JetStreamError: consumer revenue: consumer not found");
    await recreateDurable(manager, { ...durableConfig(), ack_policy: "all" as never });
    const { code, output } = await command({});
    expect(output).to.match(
      /^takings: its acknowledgements cannot be trusted: consumer revenue treats events as acknowledged that are not committed/,
    );
    expect(code).to.equal(1);
    expect(await extent()).to.deep.equal([1, 5]);
  });

  it("removes nothing while the database is unavailable", async () => {
    await publish(2);
    await take(2, () => settled);
    await untilAcknowledged(2);
    const failure = await purge("postgres://takings_purge@127.0.0.1:1/takings").catch(String);
    expect(failure).to.match(/ECONNREFUSED/);
    expect(await extent()).to.deep.equal([1, 2]);
  });

  it("uses a role that can read the committed sequences and nothing else", async () => {
    const pool = poolOf(database.purgerUrl);
    await pool.query("select from takings.committed_sequences");
    for (const forbidden of [
      "select from takings.events",
      "select from takings.ledger",
      "select from takings.isolation_attempts",
      "delete from takings.committed_sequences",
      "insert into takings.committed_sequences values ('x', '{}')",
      "select takings.compact_committed_sequences()",
    ]) {
      const failure = await pool.query(forbidden).catch((error: unknown) => error);
      expect(failure, forbidden).to.have.property("code", "42501");
    }
    await pool.end();
  });

  it("never removes an event that is not both committed and acknowledged", async () => {
    const manager = await (await admin.connected(5_000)).nats.jetstreamManager();
    const fate = fc.record({ committed: fc.boolean(), acknowledged: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { minLength: 1, maxLength: 8 }), async (fates) => {
        await manager.streams.purge(stream.name);
        await recreateDurable(manager, durableConfig());
        await publish(fates.length);
        const [first] = await extent();
        await take(fates.length, (index) => fates[index] ?? settled);
        const pending = fates.filter(({ acknowledged }) => !acknowledged).length;
        await eventually("the acknowledgements", async () => {
          const info = await manager.consumers.info(stream.name, durable.name);
          return info.num_ack_pending + info.num_pending === pending;
        });
        await purge();
        const [left] = await extent();
        const firstKept = fates.findIndex(({ committed, acknowledged }) => !committed || !acknowledged);
        expect(left - first).to.equal(firstKept === -1 ? fates.length : firstKept);
      }),
      // A second run on the same stream could fail for another reason than the first.
      { numRuns: 12, endOnFailure: true },
    );
  });

  it("frees space on a full stream, which then accepts events again", async () => {
    const { nats: connection } = await admin.connected(5_000);
    const manager = await connection.jetstreamManager();
    await manager.streams.update(stream.name, { max_bytes: 20_000 });
    const body = new Uint8Array(4_000);
    const publishOne = (): Promise<unknown> =>
      connection.jetstream().publish("stripe.events.invoice.paid", body);
    const refused = async (): Promise<unknown> => {
      for (;;) await publishOne();
    };
    expect(String(await refused().catch((error: unknown) => error))).to.match(/503/);
    const [, last] = await extent();
    await take(last, () => settled);
    await untilAcknowledged(last);
    expect(await purge()).to.include({ purged: last });
    await publishOne();
  });

  it("names every bad setting at once", async () => {
    const { code, output } = await takings(["purge"], { STREAM_KEEP: "soon" });
    expect(code).to.equal(1);
    expect(output).to.include("NATS_URL: ").and.include("DATABASE_URL: ").and.include("STREAM_KEEP: ");
  });
});
