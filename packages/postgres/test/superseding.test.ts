import { eventWithEntry, eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { PoolClient } from "pg";
import { createPayloadCodec } from "../src/columns/payload-codec.ts";
import { correctPayments } from "../src/rebuild/correct-payments.ts";
import { replayQuarantined } from "../src/quarantine/resolve-quarantine.ts";
import { type ComparedPayment, comparedPayments } from "../src/rebuild/compared-payments.ts";
import { differencesFromEvents } from "./differences-from-events.ts";
import { type TestStore, createTestStore, keyOf } from "./test-store.ts";

describe("an entry that one recording changes after another", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  const said = (eventId: string, objectId: string, at: string) => eventWithEntry({ eventId, objectId, at });

  /** A session that is about to store an event, so that a batch with the same event waits. */
  async function holdUp(eventId: string): Promise<PoolClient> {
    const client = await store.admin.connect();
    await client.query("begin");
    await client.query(
      `insert into takings.events (event_id, source, type, created, received_at, recorded_at, status, payload,
         payload_codec, rules)
       values ($1, 'default', 'x', now(), now(), now(), 'processed', '', 0, 1)`,
      [eventId],
    );
    return client;
  }

  async function release(client: PoolClient): Promise<void> {
    await client.query("rollback");
    client.release();
  }

  /** Waits until so many sessions wait for locks. */
  async function untilWaiting(sessions: number): Promise<void> {
    await eventually("sessions that wait", async () => {
      const { rows } = await store.admin.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      return rows.length === sessions;
    });
  }

  async function comparedNow(): Promise<ComparedPayment[]> {
    const client = await store.admin.connect();
    await client.query("begin isolation level repeatable read");
    const found = await Array.fromAsync(comparedPayments(client));
    await client.query("commit");
    client.release();
    return found;
  }

  it("follows from the events as of every moment, where a batch waits for one that waits itself", async () => {
    await store.writer.record([said("evt_o3", "pi_over", "2024-05-03T00:00:00Z")]);
    const holder = await holdUp("evt_o0");
    const first = store.writer.record([
      said("evt_o0", "pi_other", "2024-05-03T00:00:00Z"),
      said("evt_o1", "pi_over", "2024-05-01T00:00:00Z"),
    ]);
    await untilWaiting(1);
    const safe = await store.reader.safeReadTime();
    const second = store.writer.record([said("evt_o2", "pi_over", "2024-05-02T00:00:00Z")]);
    await untilWaiting(2);
    await release(holder);
    expect([await first, await second].map(({ size }) => size)).to.deep.equal([2, 1]);
    expect(await differencesFromEvents(store.admin)).to.deep.equal([]);
    const { rows } = await store.admin.query("select event_id from takings.ledger_as_of($1)", [safe]);
    expect(rows).to.deep.equal([{ event_id: "evt_o3" }]);
  });

  it("is recorded later by the batch that waits than by the one that it waits for", async () => {
    const holder = await holdUp("evt_p0");
    const first = store.writer.record([
      said("evt_p0", "pi_else", "2024-05-03T00:00:00Z"),
      said("evt_p2", "pi_idle", "2024-05-02T00:00:00Z"),
    ]);
    await untilWaiting(1);
    const second = store.writer.record([said("evt_p1", "pi_idle", "2024-05-01T00:00:00Z")]);
    await untilWaiting(2);
    await release(holder);
    await Promise.all([first, second]);
    const { rows } = await store.admin.query(
      `select event_id from (
         select event_id, recorded_at from takings.ledger where object_id = 'pi_idle'
         union all select event_id, recorded_at from takings.ledger_superseded where object_id = 'pi_idle'
       ) as version order by recorded_at`,
    );
    expect(rows).to.deep.equal([{ event_id: "evt_p2" }, { event_id: "evt_p1" }]);
    expect(await differencesFromEvents(store.admin)).to.deep.equal([]);
  });

  it("is so too where one of them replays a quarantined event", async () => {
    const quarantined = { ...said("evt_q1", "pi_quarantined", "2024-05-01T00:00:00Z"), facts: undefined };
    await store.writer.record([{ ...quarantined, status: "quarantined", reason: "not understood" }]);
    await store.writer.record([said("evt_q2", "pi_quarantined", "2024-05-02T00:00:00Z")]);
    const replayed = await replayQuarantined(store.admin, createPayloadCodec(), {
      event: keyOf("evt_q1"),
      read: () => said("evt_q1", "pi_quarantined", "2024-05-01T00:00:00Z"),
      decider: {},
    });
    expect(replayed).to.deep.equal({ outcome: "processed", entries: 1, balance: 0 });
    expect(await differencesFromEvents(store.admin)).to.deep.equal([]);
  });

  it("exists once as of every moment, where a rebuild would retract it while a batch inserts it", async () => {
    await store.writer.record([said("evt_r1", "pi_taken_out", "2024-05-02T00:00:00Z")]);
    // The present rules read no facts from it.
    await store.admin.query(
      "update takings.events set facts = null, payment_object = null where event_id = 'evt_r1'",
    );
    const compared = await comparedNow();
    const holder = await holdUp("evt_r0");
    const batch = store.writer.record([
      said("evt_r0", "pi_beside", "2024-05-03T00:00:00Z"),
      said("evt_r2", "pi_taken_out", "2024-05-03T00:00:00Z"),
    ]);
    await untilWaiting(1);
    const correction = correctPayments(store.admin, compared);
    await untilWaiting(2);
    await release(holder);
    await batch;
    expect(await correction).to.equal(0);
    const { rows } = await store.admin.query(
      `with version as (
         select recorded_at as at, event_id from takings.ledger where object_id = 'pi_taken_out'
         union all select recorded_at, event_id from takings.ledger_superseded where object_id = 'pi_taken_out'
       )
       select event_id, (select count(*)::integer from takings.ledger_as_of(at) where object_id = 'pi_taken_out') as entries
       from version order by at`,
    );
    expect(rows).to.deep.equal([
      { event_id: "evt_r1", entries: 1 },
      { event_id: "evt_r2", entries: 1 },
    ]);
  });

  it("is kept as of earlier where it was retracted, and is gone as of later", async () => {
    await store.writer.record([said("evt_s1", "pi_gone", "2024-05-02T00:00:00Z")]);
    const safe = await store.reader.safeReadTime();
    await store.admin.query(
      "update takings.events set facts = null, payment_object = null where event_id = 'evt_s1'",
    );
    expect(await correctPayments(store.admin, await comparedNow())).to.be.greaterThan(0);
    const asOf = async (moment: string): Promise<unknown[]> => {
      const query = "select event_id from takings.ledger_as_of($1) where object_id = 'pi_gone'";
      return (await store.admin.query<{ event_id: string }>(query, [moment])).rows;
    };
    expect(await asOf(safe)).to.deep.equal([{ event_id: "evt_s1" }]);
    expect(await asOf(await store.reader.safeReadTime())).to.deep.equal([]);
  });
});
