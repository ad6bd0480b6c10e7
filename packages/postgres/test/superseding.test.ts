import { eventSaying, eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { PoolClient } from "pg";
import { createPayloadCodec } from "../src/payload-codec.ts";
import { correctLedger } from "../src/correct-ledger.ts";
import { replayQuarantined } from "../src/decide-quarantine.ts";
import { type ComparedEntry, comparedEntries } from "../src/recount.ts";
import { differencesFromEvents } from "./as-the-events-say.ts";
import { type ReadingStore, readingStore } from "./reading-store.ts";

describe("an entry that one recording takes over from another", () => {
  let store: ReadingStore;
  before(async () => {
    store = await readingStore();
  });
  after(() => store.close());

  const said = (eventId: string, objectId: string, at: string) => eventSaying({ eventId, objectId, at });

  /** Somebody who is about to store an event, so that a batch with the same one waits. */
  async function holdUp(eventId: string): Promise<PoolClient> {
    const client = await store.admin.connect();
    await client.query("begin");
    await client.query(
      `insert into takings.events (event_id, type, created, received_at, recorded_at, status, payload, payload_codec, rules)
       values ($1, 'x', now(), now(), now(), 'processed', '', 0, 1)`,
      [eventId],
    );
    return client;
  }

  async function release(client: PoolClient): Promise<void> {
    await client.query("rollback");
    client.release();
  }

  async function untilWaiting(): Promise<void> {
    await eventually("a batch that waits", async () => {
      const { rows } = await store.admin.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      return rows.length > 0;
    });
  }

  async function entriesOfNoEvent(): Promise<ComparedEntry[]> {
    const client = await store.admin.connect();
    await client.query("begin isolation level repeatable read");
    const found = await Array.fromAsync(comparedEntries(client));
    await client.query("commit");
    client.release();
    return found.filter(({ recounted }) => recounted === undefined);
  }

  it("is what the events of that moment say at every moment, whichever of three batches that overlap commits last (D24)", async () => {
    await store.writer.record([said("evt_o3", "pi_over", "2024-05-03T00:00:00Z")]);
    const holder = await holdUp("evt_o0");
    const early = store.writer.record([
      said("evt_o0", "pi_other", "2024-05-03T00:00:00Z"),
      said("evt_o1", "pi_over", "2024-05-01T00:00:00Z"),
    ]);
    await untilWaiting();
    const told = await store.reader.latestMoment();
    await store.writer.record([said("evt_o2", "pi_over", "2024-05-02T00:00:00Z")]);
    await release(holder);
    expect((await early).size).to.equal(2);
    expect(await differencesFromEvents(store.admin)).to.deep.equal([]);
    const { rows } = await store.admin.query("select event_id from takings.ledger_as_of($1)", [told]);
    expect(rows).to.deep.equal([{ event_id: "evt_o3" }]);
  });

  it("is so too where the batch that began first has nothing to change any more (D24)", async () => {
    const holder = await holdUp("evt_p0");
    const early = store.writer.record([
      said("evt_p0", "pi_else", "2024-05-03T00:00:00Z"),
      said("evt_p2", "pi_idle", "2024-05-02T00:00:00Z"),
    ]);
    await untilWaiting();
    await store.writer.record([said("evt_p1", "pi_idle", "2024-05-01T00:00:00Z")]);
    await release(holder);
    await early;
    expect(await differencesFromEvents(store.admin)).to.deep.equal([]);
  });

  it("is so too where one of them replays an event from quarantine (D24)", async () => {
    const quarantined = { ...said("evt_q1", "pi_quarantined", "2024-05-01T00:00:00Z"), claims: [] };
    await store.writer.record([{ ...quarantined, status: "quarantined", reason: "not understood" }]);
    await store.writer.record([said("evt_q2", "pi_quarantined", "2024-05-02T00:00:00Z")]);
    const replayed = await replayQuarantined(store.admin, createPayloadCodec(), {
      eventId: "evt_q1",
      read: () => said("evt_q1", "pi_quarantined", "2024-05-01T00:00:00Z"),
      decider: {},
    });
    expect(replayed).to.deep.equal({ outcome: "processed", entries: 1 });
    expect(await differencesFromEvents(store.admin)).to.deep.equal([]);
  });

  it("is there once at every moment, where a rebuild takes it out while an older batch puts it in", async () => {
    await store.writer.record([said("evt_r1", "pi_taken_out", "2024-05-02T00:00:00Z")]);
    // The present rules find nothing of the ledger in it.
    await store.admin.query("update takings.events set claims = null where event_id = 'evt_r1'");
    const holder = await holdUp("evt_r0");
    const early = store.writer.record([
      said("evt_r0", "pi_beside", "2024-05-03T00:00:00Z"),
      said("evt_r2", "pi_taken_out", "2024-05-03T00:00:00Z"),
    ]);
    await untilWaiting();
    expect(await correctLedger(store.admin, await entriesOfNoEvent())).to.equal(1);
    await release(holder);
    await early;
    const { rows } = await store.admin.query(
      `select at::text, count(*)::integer as entries
       from (select recorded_at as at from takings.ledger where object_id = 'pi_taken_out') as moment
       cross join lateral takings.ledger_as_of(at) where object_id = 'pi_taken_out' group by at`,
    );
    expect(rows).to.have.nested.property("[0].entries", 1);
    const { rows: told } = await store.admin.query(
      `select from takings.ledger as present join takings.ledger_superseded as past using (id)
       where superseded_at > present.recorded_at`,
    );
    expect(told).to.deep.equal([]);
  });
});
