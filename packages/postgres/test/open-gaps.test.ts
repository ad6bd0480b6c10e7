import { eventWithCharge, eventWithEntry, type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { countOpenGaps } from "../src/read/read-gaps.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { poolOf } from "./test-store.ts";

const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

describe("the count of open gaps", () => {
  let database: TestDatabase;
  let pool: Pool;
  before(async () => {
    database = await testDatabase();
    // With the rights of the consumer, which counts them.
    pool = poolOf(database.writerUrl);
  });
  after(async () => {
    await pool.end();
    await database.drop();
  });

  const record = (...events: readonly ReturnType<typeof eventWithCharge>[]): Promise<unknown> =>
    createPaymentWriter(pool).record(events);

  it("is zero for both kinds where there are none", async () => {
    expect(await countOpenGaps(pool)).to.deep.equal([{ source: "default", payment: 0, refund: 0 }]);
  });

  it("leaves out gaps that are less than an hour old", async () => {
    await record(eventWithCharge({ id: "young", at: minutesAgo(59) }));
    expect(await countOpenGaps(pool)).to.deep.equal([{ source: "default", payment: 0, refund: 0 }]);
  });

  it("includes all accounts and both modes", async () => {
    await record(
      eventWithCharge({ id: "own", at: minutesAgo(61) }),
      eventWithCharge({ id: "connected", at: minutesAgo(90), account: "acct_1" }),
      eventWithCharge({ id: "test", at: minutesAgo(90), livemode: false, refunded: 200n }),
    );
    expect(await countOpenGaps(pool)).to.deep.equal([{ source: "default", payment: 3, refund: 1 }]);
  });

  it("no longer includes a gap that its event closes", async () => {
    await record(
      eventWithEntry({ eventId: "evt_paid", objectId: "pi_own" }),
      eventWithEntry({
        eventId: "evt_refunded",
        kind: "refund",
        objectId: "re_test",
        amount: 200n,
        paymentIntent: "pi_test",
        livemode: false,
      }),
    );
    expect(await countOpenGaps(pool)).to.deep.equal([{ source: "default", payment: 2, refund: 0 }]);
  });
});
