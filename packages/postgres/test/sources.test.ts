import { defaultSource, type EventRecord, messageIdOf } from "@takings/domain";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { tryLockPayments } from "../src/ledger/lock-payments.ts";
import { groupObjects, scopedFacts } from "../src/ledger/scoped-facts.ts";
import { createPaymentReader } from "../src/read/payment-reader.ts";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { differencesBetween } from "../src/rebuild/ledger-fields.ts";
import { withVerification } from "../src/rebuild/verification.ts";
import { inTransaction } from "../src/session/in-transaction.ts";
import { payoutEvent, payoutFact, readingOf, transactionFact } from "./balance-events.ts";
import { eventShowing, shownCharge, shownIntent, shownRefund } from "./events-showing.ts";
import { poolOf } from "./test-store.ts";

const other = "shop-eu";
const sources = [defaultSource, other] as const;

/** What happened in one source: a few objects, each shown by several events. */
const happened = fc.array(
  fc.record({
    shown: fc.constantFrom("intent", "charge", "refund", "reading", "payout"),
    number: fc.integer({ min: 1, max: 3 }),
    amount: fc.bigInt({ min: 100n, max: 900n }),
    second: fc.integer({ min: 0, max: 60 }),
    account: fc.constantFrom(null, "acct_1"),
    livemode: fc.boolean(),
    isQuarantined: fc.boolean(),
  }),
  { minLength: 15, maxLength: 25 },
);
type Happening = NonNullable<typeof happened extends fc.Arbitrary<(infer T)[]> ? T : never>;

/** The event of what happened. The ids are the same in every source and differ between rounds only. */
function eventOf(round: number, index: number, source: string, one: Happening): EventRecord {
  const { number, amount, account, livemode, second } = one;
  const name = `${round}_${number}`;
  const id = `evt_${round}_${index}`;
  const stated = { source, account, livemode, second };
  const paid = { amountCaptured: amount, amount, paymentIntent: number === 3 ? undefined : `pi_${name}` };
  switch (one.shown) {
    case "intent":
      return eventShowing(id, [shownIntent(`pi_${name}`, amount)], stated);
    case "charge":
      return eventShowing(id, [shownCharge(`ch_${name}`, paid)], stated);
    case "refund":
      return eventShowing(id, [shownRefund(`re_${name}`, { charge: `ch_${name}`, amount })], stated);
    case "reading":
      // The same amounts in each reading of a source, and others in the other source.
      return readingOf(
        id,
        transactionFact(`txn_${name}`, { gross: BigInt(source.length), sourceId: `po_${name}` }),
        stated,
      );
    case "payout":
      return payoutEvent(id, payoutFact(`po_${name}`, { amount }), stated);
  }
}

function withQuarantine(event: EventRecord, isQuarantined: boolean): EventRecord {
  if (!isQuarantined) return event;
  return { ...event, status: "quarantined", reason: "odd", facts: undefined, balance: undefined };
}

// Everything that follows from the events of a source; not when it was recorded.
const stateText = `
  select 'event' as what, to_jsonb(row) - '{recorded_at,payload_removed_at}'::text[] as row
  from takings.events as row where source = $1
  union all
  select 'entry', to_jsonb(row) - 'recorded_at' from takings.ledger as row where source = $1
  union all
  select 'gap', to_jsonb(row) from takings.gaps as row where source = $1
  union all
  select 'transaction', to_jsonb(row) - 'recorded_at' from takings.balance_transactions as row where source = $1
  union all
  select 'payout', to_jsonb(row) - 'recorded_at' from takings.payouts as row where source = $1
  union all
  select 'total', jsonb_build_array(livemode, account, bucket, currency, sum(gross), sum(refunded), sum(payments))
  from takings.rollup_deltas where source = $1
  group by livemode, account, bucket, currency
  having (sum(gross), sum(refunded), sum(payments)) <> (0, 0, 0)
  order by 1, 2`;

describe("two sources whose events and objects have the same ids", () => {
  let together: TestDatabase;
  let alone: ReadonlyMap<string, TestDatabase>;
  let pools: ReadonlyMap<TestDatabase, Pool>;
  before(async () => {
    together = await testDatabase();
    alone = new Map(
      await Promise.all(sources.map(async (source) => [source, await testDatabase()] as const)),
    );
    pools = new Map([together, ...alone.values()].map((of) => [of, poolOf(of.superuserUrl)]));
  });
  after(async () => {
    await Promise.all([...pools.values()].map((pool) => pool.end()));
    await Promise.all([...pools.keys()].map((database) => database.drop()));
  });

  async function stateOf(database: TestDatabase | undefined, source: string): Promise<readonly unknown[]> {
    const pool = database && pools.get(database);
    if (pool === undefined) throw new Error("no such database");
    return (await pool.query(stateText, [source])).rows;
  }

  async function recordAlone(source: string, events: readonly EventRecord[]): Promise<void> {
    const database = alone.get(source);
    if (database === undefined) throw new Error(`no database for ${source}`);
    const pool = poolOf(database.writerUrl);
    const writer = createPaymentWriter(pool);
    for (let at = 0; at < events.length; at += 5) await writer.record(events.slice(at, at + 5));
    await pool.end();
  }

  /** Records in batches of both sources, by four writers at the same time, many events more than once. */
  async function recordTogether(events: readonly EventRecord[], seed: number): Promise<readonly string[]> {
    const shuffled = fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 });
    const fresh = await Promise.all(
      [1, 2, 3, 4].map(async (lane) => {
        const pool = poolOf(together.writerUrl);
        const writer = createPaymentWriter(pool);
        const [deliveries = []] = fc.sample(shuffled, { numRuns: 1, seed: seed * 10 + lane });
        const stored: string[] = [];
        for (let at = 0; at < deliveries.length; at += 20)
          stored.push(...(await writer.record(deliveries.slice(at, at + 20))).keys());
        await pool.end();
        return stored;
      }),
    );
    return fresh.flat();
  }

  it("each have what they would have alone, however their events are mixed, and nothing differs", async () => {
    const rounds = fc.sample(fc.tuple(happened, happened), { numRuns: 3, seed: 19 });
    for (const [round, histories] of rounds.entries()) {
      const events = sources.map((source, which) =>
        (histories[which] ?? []).map((one, index) =>
          withQuarantine(eventOf(round, index, source, one), one.isQuarantined && index % 5 === 0),
        ),
      );
      for (const [which, source] of sources.entries()) await recordAlone(source, events[which] ?? []);
      const stored = await recordTogether(events.flat(), round);
      expect(stored.toSorted()).to.deep.equal(events.flat().map(messageIdOf).toSorted());
    }
    for (const source of sources) {
      const expected = await stateOf(alone.get(source), source);
      expect(expected.length).to.be.greaterThan(80);
      expect(await stateOf(together, source)).to.deep.equal(expected);
    }
    expect(await differences()).to.deep.equal([]);
  }).timeout(60_000);

  it("are both known to readers, and let no writer wait for another in a circle", async () => {
    const pool = pools.get(together);
    const { rows } = (await pool?.query("select name from takings.sources order by 1")) ?? {};
    expect(rows).to.deep.equal([{ name: defaultSource }, { name: other }]);
    const { rows: waits } =
      (await pool?.query(
        "select deadlocks::integer from pg_stat_database where datname = current_database()",
      )) ?? {};
    expect(waits).to.deep.equal([{ deadlocks: 0 }]);
  });

  it("have each an event of their own under one id, also where both are in one batch", async () => {
    const pool = poolOf(together.writerUrl);
    const said = sources.map((source, index) => ({
      ...eventShowing("evt_both", [shownIntent("pi_both", BigInt(index + 1))], { source }),
      payload: Buffer.from(`of ${source}`),
    }));
    const fresh = await createPaymentWriter(pool).record(said);
    await pool.end();
    expect([...fresh.keys()].toSorted()).to.deep.equal(["evt_both", "shop-eu/evt_both"]);
    const reading = poolOf(together.readerUrl);
    const reader = createPaymentReader(reading);
    const stored = await Promise.all(sources.map((source) => reader.event("evt_both", source)));
    await reading.end();
    expect(stored.map((event) => event?.payload)).to.deep.equal(["of default", "of shop-eu"]);
  });

  it("do not wait for each other: a session that holds the payments of one delays no event of the other", async () => {
    const shows = [
      shownCharge("ch_held", { paymentIntent: "pi_held" }),
      shownRefund("re_held", { charge: "ch_held" }),
    ] as const;
    const pool = poolOf(together.writerUrl);
    const writer = createPaymentWriter(pool);
    await writer.record(sources.map((source) => eventShowing("evt_held1", shows, { source })));
    const client = await pools.get(together)?.connect();
    try {
      await client?.query("begin");
      await client?.query(
        "select from takings.payment_objects where object_id like '%_held' and source = $1 for update",
        [defaultSource],
      );
      const fresh = await writer.record([eventShowing("evt_held2", shows, { source: other })]);
      expect([...fresh.keys()]).to.deep.equal(["shop-eu/evt_held2"]);
      // It locks by the same statements, so this test can fail.
      const heldIn = (source: string): Promise<ReadonlySet<string>> =>
        inTransaction(pool, (waiting) =>
          tryLockPayments(waiting, groupObjects(scopedFacts(eventShowing("evt_held3", shows, { source })))),
        );
      expect([(await heldIn(other)).size, (await heldIn(defaultSource)).size]).to.deep.equal([0, 3]);
    } finally {
      await client?.query("rollback");
      client?.release();
      await pool.end();
    }
  });

  /** What a verification finds, the bodies of the events aside. */
  async function differences(): Promise<readonly unknown[]> {
    return withVerification(together.readerUrl, async (store) => {
      const found: unknown[] = [];
      for await (const page of store.events()) found.push(...page.filter(({ isLinked }) => !isLinked));
      for await (const { entries, gaps } of store.payments()) {
        for (const { id, stored, derived } of entries)
          if (!stored || !derived) found.push(id);
          else found.push(...differencesBetween(stored, derived));
        found.push(...gaps.filter(({ stored, derived }) => stored !== derived));
      }
      for await (const compared of store.balance()) if (!("compared" in compared)) found.push(compared);
      return [...found, ...(await store.checkRollup()), ...(await store.checkBalanceRollup())];
    });
  }
});
