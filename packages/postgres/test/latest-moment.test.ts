import { eventSaying } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { PoolClient } from "pg";
import { type ReadingStore, readingStore } from "./reading-store.ts";

describe("the latest moment", () => {
  let store: ReadingStore;
  before(async () => {
    store = await readingStore();
  });
  after(() => store.close());

  async function recording(): Promise<{ client: PoolClient; recordedAt: string }> {
    const client = await store.admin.connect();
    await client.query("begin");
    const { rows } = await client.query<{ at: string }>(
      `select to_char(takings.begin_recording() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    );
    return { client, recordedAt: rows[0]?.at ?? "" };
  }

  it("is after everything that was recorded and committed", async () => {
    await store.writer.record([eventSaying({ eventId: "evt_m1" })]);
    const moment = await store.reader.latestMoment();
    const { rows } = await store.admin.query(
      "select recorded_at < $1::timestamptz as settled from takings.events",
      [moment],
    );
    expect(rows).to.deep.equal([{ settled: true }]);
  });

  it("stays before a recording that is not committed yet, however long that takes", async () => {
    const { client, recordedAt } = await recording();
    const first = await store.reader.latestMoment();
    await store.writer.record([eventSaying({ eventId: "evt_m2" })]);
    const second = await store.reader.latestMoment();
    await client.query("commit");
    client.release();
    expect(first < recordedAt).to.equal(true);
    expect(second < recordedAt).to.equal(true);
    expect((await store.reader.latestMoment()) > recordedAt).to.equal(true);
  });

  it("moves on after a recording that was rolled back", async () => {
    const { client, recordedAt } = await recording();
    await client.query("rollback");
    client.release();
    expect((await store.reader.latestMoment()) > recordedAt).to.equal(true);
  });

  it("is not held back by locks of other kinds or of other databases", async () => {
    const client = await store.admin.connect();
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock_shared(1, 2), pg_advisory_xact_lock(12345)");
    const { rows } = await client.query<{ now: string }>(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
    );
    expect((await store.reader.latestMoment()) > (rows[0]?.now ?? "")).to.equal(true);
    await client.query("rollback");
    client.release();
  });

  it("never lets an answer as of a moment change afterwards, under 4 writers", async () => {
    const writing = new AbortController();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; !writing.signal.aborted; n += 1) {
        await store.writer.record([
          eventSaying({
            eventId: `evt_w${writer}_${n}`,
            objectId: `pi_w${n}`,
            at: `2024-05-${20 - writer}T00:00:00Z`,
          }),
        ]);
      }
    });
    const answers: { moment: string; total: string }[] = [];
    const totalAt = async (moment: string): Promise<string> => {
      const { rows } = await store.admin.query<{ total: string }>(
        "select count(*) || '/' || coalesce(sum(extract(day from occurred_at)), 0) as total from takings.ledger_as_of($1)",
        [moment],
      );
      return rows[0]?.total ?? "";
    };
    for (let n = 0; n < 60; n += 1) {
      const moment = await store.reader.latestMoment();
      answers.push({ moment, total: await totalAt(moment) });
    }
    writing.abort();
    await Promise.all(writers);
    for (const { moment, total } of answers) expect(await totalAt(moment)).to.equal(total);
  });
});
