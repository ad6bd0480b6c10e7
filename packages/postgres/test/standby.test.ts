import { eventWithEntry, type Standby, type TestPostgres, testPostgres } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { filterNow, poolOf, sortable } from "./test-store.ts";

describe("a standby", () => {
  let server: TestPostgres;
  let standby: Standby;
  let pools: Pool[];
  before(async function () {
    this.timeout(90_000);
    server = await testPostgres();
    standby = await server.standby();
    pools = [];
  });
  after(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await standby[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  function open(url: string): Pool {
    const pool = poolOf(url);
    pools.push(pool);
    return pool;
  }

  /** Every second event is about the object of the one before, and takes precedence. */
  const record = (pool: Pool, n: number): Promise<unknown> =>
    createPaymentWriter(pool).record([
      eventWithEntry({
        eventId: `evt_${n}`,
        objectId: `pi_${n - (n % 2)}`,
        at: `2024-05-${n % 2 === 0 ? "20" : "10"}T00:00:00Z`,
        amount: BigInt(100 + n),
      }),
    ]);

  async function totalAt(pool: Pool, asOf: string): Promise<string> {
    const reader = createPaymentReader(pool);
    const [sum] = await reader.sums(await filterNow(reader, { asOf }));
    return `${sum?.gross ?? 0} ${sum?.payments ?? 0}`;
  }

  async function countedAt(pool: Pool, asOf: string): Promise<string> {
    const { rows } = await pool.query<{ total: string }>(
      "select coalesce(sum(amount), 0) || ' ' || count(*) as total from takings.ledger_as_of($1)",
      [asOf],
    );
    return rows[0]?.total ?? "";
  }

  it("returns no safe read time, because only the primary knows which recordings are in progress (D28)", async () => {
    const refusal: unknown = await createPaymentReader(open(standby.readerUrl))
      .safeReadTime()
      .catch((error: unknown) => error);
    expect(refusal).to.have.property("code", "stale");
    expect(refusal)
      .to.have.property("message")
      .that.matches(/is a standby.*Point DATABASE_URL at the primary/);
  });

  it("keeps its responses the same when it is promoted with a clock that is behind, and its totals are right (D4)", async () => {
    const [writing, reading, owning] = [server.writerUrl, server.readerUrl, server.superuserUrl].map(open);
    if (!writing || !reading || !owning) throw new Error("three pools");
    const responses: { asOf: string; total: string }[] = [];
    for (let n = 0; n < 20; n += 1) {
      await record(writing, n);
      if (n === 9) await owning.query("select takings.apply_rollup_deltas('0', 5000)");
      const asOf = await createPaymentReader(reading).safeReadTime();
      responses.push({ asOf, total: await totalAt(reading, asOf) });
    }
    // In progress when the primary fails: visible to nobody, and lost.
    const underWay = await writing.connect();
    underWay.on("error", () => {});
    await underWay.query("begin; select takings.begin_recording()");
    await server.kill();
    underWay.release(true);
    await standby.promote();
    const [newWriting, newReading, newOwning] = [
      standby.writerUrl,
      standby.readerUrl,
      standby.superuserUrl,
    ].map(open);
    if (!newWriting || !newReading || !newOwning) throw new Error("three pools");
    await newOwning.query(
      `create or replace function takings.clock() returns timestamptz language sql volatile
         return clock_timestamp() - interval '1 hour'`,
    );
    const reader = createPaymentReader(newReading);
    expect(await reader.safeReadTime()).to.equal(responses.at(-1)?.asOf);
    for (let n = 20; n < 40; n += 1) {
      await record(newWriting, n);
      if (n === 29) await newWriting.query("select takings.advance_rollup()");
      if (n === 34) await newOwning.query("select takings.rebuild_rollup()");
      const asOf = await reader.safeReadTime();
      expect(sortable(asOf) > sortable(responses.at(-1)?.asOf ?? "")).to.equal(true);
      responses.push({ asOf, total: await totalAt(newReading, asOf) });
    }
    for (const { asOf, total } of responses) {
      expect([await totalAt(newReading, asOf), await countedAt(newOwning, asOf)]).to.deep.equal([
        total,
        total,
      ]);
    }
    expect(responses.at(-1)?.total).to.equal(await countedAt(newOwning, "infinity"));
  }).timeout(60_000);
});
