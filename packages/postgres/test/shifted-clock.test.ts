import { canShiftClock, eventWithEntry, shiftedClock, testPostgres } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { filterNow, poolOf } from "./test-store.ts";

/** How far the server's clock is off in each round, in seconds: a little, an hour, ahead, back again. */
const shifts = [0, -0.5, 0, 20, 19.5, 0, -3_600, -3_599, 5, -0.5];

describe("a server whose clock is set back and ahead", () => {
  if (!canShiftClock("a server whose real clock is set back and ahead")) return;

  it("keeps its responses the same, and its totals equal to its ledger (D4)", async () => {
    const clock = shiftedClock();
    await using server = await testPostgres(undefined, clock.env);
    const pools = [server.writerUrl, server.readerUrl, server.superuserUrl].map((url) => poolOf(url));
    const [writing, reading, owning] = pools;
    if (!writing || !reading || !owning) throw new Error("three pools");
    const writer = createPaymentWriter(writing);
    const reader = createPaymentReader(reading);
    const totalAt = async (asOf: string): Promise<string> => {
      const [sum] = await reader.sums(await filterNow(reader, { asOf }));
      return `${sum?.gross ?? 0} ${sum?.payments ?? 0}`;
    };
    const countedAt = async (asOf: string): Promise<unknown> => {
      const { rows } = await owning.query<{ total: string }>(
        "select coalesce(sum(amount), 0) || ' ' || count(*) as total from takings.ledger_as_of($1)",
        [asOf],
      );
      return rows[0]?.total;
    };
    const responses: { asOf: string; total: string }[] = [];
    for (const [round, seconds] of shifts.entries()) {
      clock.shift(seconds);
      const { rows } = await owning.query<{ at: Date }>("select clock_timestamp() as at");
      const off = ((rows[0]?.at.getTime() ?? 0) - Date.now()) / 1_000;
      expect(Math.abs(off - seconds), `of ${seconds}`).to.be.lessThan(0.4);
      for (let n = 0; n < 4; n += 1) {
        // There are two events about each object, and the second takes precedence.
        await writer.record([
          eventWithEntry({
            eventId: `evt_${round}_${n}`,
            objectId: `pi_${Math.floor((round * 4 + n) / 2)}`,
            at: `2024-05-${20 - (n % 2)}T00:00:00Z`,
            amount: BigInt(100 + n),
          }),
        ]);
        if (n % 4 === 3) await writing.query("select takings.advance_rollup()");
        if (n % 4 === 1) await writing.query("select takings.advance_recorded_time()");
        const asOf = await reader.safeReadTime();
        responses.push({ asOf, total: await totalAt(asOf) });
      }
    }
    await owning.query("select takings.rebuild_rollup()");
    for (const { asOf, total } of responses) {
      expect([await totalAt(asOf), await countedAt(asOf)], asOf).to.deep.equal([total, total]);
    }
    expect(responses.at(-1)?.total).to.equal(await countedAt("infinity"));
    await Promise.all(pools.map((pool) => pool.end()));
  }).timeout(90_000);
});
