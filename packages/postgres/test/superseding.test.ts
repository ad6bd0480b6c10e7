import { entryId, type LedgerClaim } from "@takings/domain";
import { eventSaying } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { PoolClient } from "pg";
import { writeLedger } from "../src/write-ledger.ts";
import { type ReadingStore, readingStore } from "./reading-store.ts";

describe("an entry that one batch takes over from another", () => {
  let store: ReadingStore;
  before(async () => {
    store = await readingStore();
  });
  after(() => store.close());

  type Recording = { readonly client: PoolClient; readonly recordedAt: string };

  async function begin(): Promise<Recording> {
    const client = await store.admin.connect();
    await client.query("begin");
    const { rows } = await client.query<{ at: string }>("select takings.begin_recording()::text as at");
    return { client, recordedAt: rows[0]?.at ?? "" };
  }

  async function write({ client, recordedAt }: Recording, eventId: string, at: string): Promise<void> {
    const claims = eventSaying({ eventId, objectId: "pi_over", at }).claims;
    const identified = claims.map((claim): readonly [string, LedgerClaim] => [entryId(claim), claim]);
    await writeLedger(client, identified, recordedAt);
    await client.query("commit");
    client.release();
  }

  async function versionsAt(moment: string): Promise<string[]> {
    const { rows } = await store.admin.query<{ event_id: string }>(
      "select event_id from takings.ledger_as_of($1)",
      [moment],
    );
    return rows.map((row) => row.event_id);
  }

  it("is one entry at every moment, even if the batch that began first commits last", async () => {
    await store.writer.record([
      eventSaying({ eventId: "evt_o3", objectId: "pi_over", at: "2024-05-03T00:00:00Z" }),
    ]);
    const early = await begin();
    const holder = await begin();
    const moments = [await store.reader.latestMoment()];
    const late = await begin();
    await write(late, "evt_o2", "2024-05-02T00:00:00Z");
    await write(early, "evt_o1", "2024-05-01T00:00:00Z");
    moments.push(await store.reader.latestMoment());
    await holder.client.query("rollback");
    holder.client.release();
    moments.push(await store.reader.latestMoment());
    const seen = await Promise.all(moments.map((moment) => versionsAt(moment)));
    expect(seen).to.deep.equal([["evt_o3"], ["evt_o3"], ["evt_o1"]]);
  });
});
