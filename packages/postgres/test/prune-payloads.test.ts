import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { countPrunablePayloads, prunePayloads } from "../src/record/prune-payloads.ts";
import { type TestStore, createTestStore } from "./test-store.ts";

const quarantineText = `
  update takings.events set status = 'quarantined', reason = 'odd', facts = null, payment_object = null`;

describe("pruning payloads", () => {
  let store: TestStore;
  beforeEach(async () => {
    store = await createTestStore();
  });
  afterEach(() => store.close());

  async function recordedDaysAgo(days: number, ids: readonly string[]): Promise<void> {
    await store.writer.record(
      ids.map((eventId) => eventWithEntry({ eventId, payload: `{"id":"${eventId}"}` })),
    );
    await store.admin.query(
      "update takings.events set recorded_at = now() - make_interval(days => $1) where event_id = any($2)",
      [days, ids],
    );
  }

  async function kept(): Promise<string[]> {
    const { rows } = await store.admin.query<{ event_id: string }>(
      "select event_id from takings.events where payload is not null order by event_id",
    );
    return rows.map((row) => row.event_id);
  }

  /** Everything but what pruning changes. */
  async function theRest(): Promise<unknown> {
    const tables = await Promise.all(
      [
        "select to_jsonb(events) - '{payload,payload_removed_at}'::text[] as row from takings.events order by event_id",
        "select to_jsonb(ledger) as row from takings.ledger order by id",
      ].map((text) => store.admin.query<{ row: unknown }>(text)),
    );
    return tables.map(({ rows }) => rows);
  }

  it("removes the payloads that are older and changes nothing else", async () => {
    await recordedDaysAgo(31, ["evt_old1", "evt_old2"]);
    await recordedDaysAgo(29, ["evt_young"]);
    const before = await theRest();
    expect(await prunePayloads(store.pruner, { olderThanDays: 30 })).to.equal(2);
    expect(await kept()).to.deep.equal(["evt_young"]);
    expect(await theRest()).to.deep.equal(before);
  });

  it("shows an event without its payload and with the time of the removal", async () => {
    await recordedDaysAgo(31, ["evt_shown"]);
    const earlier = await store.reader.safeReadTime();
    await prunePayloads(store.pruner, { olderThanDays: 30 });
    const event = await store.reader.event("evt_shown", "default");
    expect(event).to.include({ eventId: "evt_shown", payload: null });
    expect((event?.payloadRemovedAt ?? "") > earlier).to.equal(true);
  });

  it("keeps the payloads of quarantined events", async () => {
    await recordedDaysAgo(31, ["evt_odd"]);
    await store.admin.query(quarantineText);
    expect(await prunePayloads(store.pruner, { olderThanDays: 30 })).to.equal(0);
    expect(await kept()).to.deep.equal(["evt_odd"]);
  });

  it("is refused for quarantined events by the database itself, whichever role tries", async () => {
    await recordedDaysAgo(31, ["evt_odd"]);
    await store.admin.query(quarantineText);
    const failure = await store.admin
      .query("update takings.events set payload = null, payload_removed_at = now()")
      .catch((error: unknown) => error);
    expect(failure).to.have.property("code", "23514");
    expect(await kept()).to.deep.equal(["evt_odd"]);
  });

  it("is refused with a message for a batch size or a retention out of range", async () => {
    for (const call of [
      "0, now(), 10",
      "-1, now(), 10",
      "30, now(), 0",
      "30, now(), 1000000",
      "30, null, 10",
    ]) {
      const failure = await store.pruner
        .query(`select takings.prune_payloads(${call})`)
        .catch((error: unknown) => error);
      expect(failure, call).to.have.property("code", "22023");
    }
  });

  it("removes many in small batches and reports progress", async () => {
    await recordedDaysAgo(
      40,
      Array.from({ length: 25 }, (_, n) => `evt_many${n}`),
    );
    await recordedDaysAgo(35, ["evt_last"]);
    const reported: number[] = [];
    const onProgress = (removed: number): void => void reported.push(removed);
    expect(await prunePayloads(store.pruner, { olderThanDays: 30, batchSize: 10, onProgress })).to.equal(26);
    expect(reported).to.deep.equal([10, 20, 26]);
  });

  it("removes nothing the second time", async () => {
    await recordedDaysAgo(31, ["evt_once"]);
    await prunePayloads(store.pruner, { olderThanDays: 30 });
    const removedAt = (await store.reader.event("evt_once", "default"))?.payloadRemovedAt;
    expect(await prunePayloads(store.pruner, { olderThanDays: 30 })).to.equal(0);
    expect((await store.reader.event("evt_once", "default"))?.payloadRemovedAt).to.equal(removedAt);
  });

  it("leaves the event stored, so that it still counts once", async () => {
    await recordedDaysAgo(31, ["evt_again"]);
    await prunePayloads(store.pruner, { olderThanDays: 30 });
    expect((await store.writer.record([eventWithEntry({ eventId: "evt_again" })])).size).to.equal(0);
    expect((await store.reader.event("evt_again", "default"))?.payload).to.equal(null);
  });

  it("counts what it would remove", async () => {
    await recordedDaysAgo(31, ["evt_c1", "evt_c2"]);
    await recordedDaysAgo(3, ["evt_c3"]);
    expect(await countPrunablePayloads(store.pruner, 30)).to.equal(2);
    expect(await kept()).to.deep.equal(["evt_c1", "evt_c2", "evt_c3"]);
  });
});

describe("a stored payload", () => {
  let store: TestStore;
  beforeEach(async () => {
    store = await createTestStore();
  });
  afterEach(() => store.close());

  it("is readable when it was stored uncompressed", async () => {
    const payload = '{"id":"evt_raw",  "long":"long long long long long long long long long"}';
    await store.writer.record([eventWithEntry({ eventId: "evt_raw" })]);
    await store.admin.query("update takings.events set payload_codec = 0, payload = $1", [
      Buffer.from(payload),
    ]);
    expect((await store.reader.event("evt_raw", "default"))?.payload).to.equal(payload);
  });

  it("that is damaged fails naming its event, and does not affect others", async () => {
    const payload = JSON.stringify({ object: "event", data: { object: { object: "charge" } } });
    await store.writer.record([
      eventWithEntry({ eventId: "evt_hurt", payload }),
      eventWithEntry({ eventId: "evt_well", payload }),
    ]);
    await store.admin.query(
      "update takings.events set payload = set_byte(payload, 9, 255 - get_byte(payload, 9)) where event_id = 'evt_hurt'",
    );
    const failure = await store.reader.event("evt_hurt", "default").catch((error: unknown) => error);
    expect(failure)
      .to.be.an("error")
      .with.property("message")
      .that.matches(/evt_hurt cannot be read.*restore/);
    expect((await store.reader.event("evt_well", "default"))?.payload).to.equal(payload);
  });

  it("is missing exactly if it was removed", async () => {
    await store.writer.record([eventWithEntry({ eventId: "evt_half" })]);
    for (const change of ["payload = null", "payload_removed_at = now()"]) {
      const failure = await store.admin
        .query(`update takings.events set ${change}`)
        .catch((error: unknown) => error);
      expect(failure).to.have.property("code", "23514");
    }
  });
});
