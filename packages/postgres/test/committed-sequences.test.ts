import type { PositionedRecord } from "@takings/domain";
import { eventWithEntry, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { compactCommittedSequences } from "../src/record/committed-sequences.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { readCommittedSequences } from "../src/record/committed-sequences.ts";
import { createIsolationLog } from "../src/record/isolation-log.ts";
import { poolOf } from "./test-store.ts";

const stream = "2026-11-24T06:00:00.000000001Z";

function at(sequence: number, eventId = `evt_${sequence}`): PositionedRecord {
  return { ...eventWithEntry({ eventId }), position: { stream, sequence } };
}

describe("the committed sequences", () => {
  let database: TestDatabase;
  let pool: Pool;
  let admin: Pool;
  beforeEach(async () => {
    database = await testDatabase();
    [pool, admin] = [poolOf(database.writerUrl), poolOf(database.superuserUrl)];
  });
  afterEach(async () => {
    await Promise.all([pool.end(), admin.end()]);
    await database.drop();
  });

  const progress = (): ReturnType<typeof readCommittedSequences> =>
    readCommittedSequences(database.purgerUrl, stream);

  async function rows(): Promise<number> {
    const { rows: counted } = await admin.query<{ n: string }>(
      "select count(*) as n from takings.committed_sequences",
    );
    return Number(counted[0]?.n);
  }

  it("is the set of what was committed, in any order and with repetitions", async () => {
    const writer = createPaymentWriter(pool);
    await writer.record([at(7), at(8)]);
    await writer.record([at(2), at(1)]);
    await writer.record([at(2), at(4)]);
    expect(await progress()).to.deep.equal([
      { first: 1, last: 2 },
      { first: 4, last: 4 },
      { first: 7, last: 8 },
    ]);
  });

  it("contains every position of an event that is on the stream more than once", async () => {
    await createPaymentWriter(pool).record([at(1, "evt_twice"), at(2, "evt_twice")]);
    expect(await progress()).to.deep.equal([{ first: 1, last: 2 }]);
  });

  it("contains nothing that was not committed", async () => {
    const tooLarge = { ...at(2), ...eventWithEntry({ eventId: "evt_large", amount: 2n ** 63n }) };
    const failure = await createPaymentWriter(pool)
      .record([at(1), tooLarge])
      .catch((error: unknown) => error);
    expect(failure).to.include({ code: "invalid" });
    expect(await progress()).to.deep.equal([]);
  });

  it("distinguishes streams that were created with the same name", async () => {
    const elsewhere = { ...at(1), position: { stream: "2025-01-01T00:00:00Z", sequence: 1 } };
    await createPaymentWriter(pool).record([elsewhere, at(5)]);
    expect(await progress()).to.deep.equal([{ first: 5, last: 5 }]);
  });

  it("gets a row even from a batch of duplicates, and from one that is not from the stream", async () => {
    const writer = createPaymentWriter(pool);
    await writer.record([at(1)]);
    const before = await rows();
    await writer.record([at(1)]);
    await writer.record([eventWithEntry({ eventId: "evt_1" })]);
    expect(await rows()).to.equal(before + 2);
  });

  it("stays the same when it is compacted while 4 writers write", async () => {
    const writer = createPaymentWriter(pool);
    const write = async (lane: number): Promise<void> => {
      for (let n = 0; n < 60; n += 1) await writer.record([at(1 + n * 4 + lane)]);
    };
    const fold = async (): Promise<void> => {
      for (let n = 0; n < 40; n += 1) await pool.query("select takings.compact_committed_sequences(2)");
    };
    await Promise.all([write(0), write(1), write(2), write(3), fold()]);
    expect(await progress()).to.deep.equal([{ first: 1, last: 240 }]);
    await pool.query("select takings.compact_committed_sequences(1)");
    expect(await rows()).to.equal(1);
    expect(await progress()).to.deep.equal([{ first: 1, last: 240 }]);
  });

  it("is compacted only when there are enough rows", async () => {
    await createPaymentWriter(pool).record([at(1)]);
    expect(await compactCommittedSequences(pool)).to.equal(0);
  });

  it("removes what is committed from the isolation log when it is compacted, and nothing else", async () => {
    const isolationLog = createIsolationLog(pool);
    const [done, open] = [
      { stream, sequence: 1 },
      { stream, sequence: 2 },
    ];
    for (const position of [done, open, open]) await isolationLog.begin(position);
    expect(await isolationLog.unfinished([open, { stream, sequence: 3 }, done])).to.deep.equal([2, 0, 1]);
    await createPaymentWriter(pool).record([at(1)]);
    await pool.query("select takings.compact_committed_sequences(1)");
    expect(await isolationLog.unfinished([done, open])).to.deep.equal([0, 2]);
    await isolationLog.end(open);
    expect(await isolationLog.unfinished([open])).to.deep.equal([0]);
  });
});
