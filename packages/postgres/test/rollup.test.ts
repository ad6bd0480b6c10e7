import { entryKinds, type LedgerSum } from "@takings/domain";
import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { filterNow, type TestStore, createTestStore } from "./test-store.ts";

/** More of them: FUZZ_CASES. */
const cases = Number(process.env["FUZZ_CASES"] ?? 20);

const day = 86_400_000;
const first = Date.UTC(2024, 1, 1);
const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const inText = ({ range, currency, ...taken }: LedgerSum) => ({
  range,
  currency,
  gross: String(taken.gross),
  refunded: String(taken.refunded),
  disputed: String(taken.disputed),
  payments: String(taken.payments),
  refunds: String(taken.refunds),
  disputes: String(taken.disputes),
});
type Scope = { readonly source: string; readonly account: string | null };
const scopes: readonly Scope[] = [
  { source: "default", account: null },
  { source: "shop", account: "acct_1" },
  { source: "*", account: null },
  { source: "*", account: "*" },
];
const instant = (ms: number): string => new Date(ms).toISOString();

describe("the rollup", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  const advance = (): Promise<unknown> =>
    store.admin.query("select takings.apply_rollup_deltas('0 seconds', 5000)");

  /** What the rollup should return: the sums of the ledger as of then, row by row. */
  async function counted(
    asOf: string,
    { source, account }: Scope,
    edges: readonly string[],
  ): Promise<unknown[]> {
    const { rows } = await store.admin.query(
      `select width_bucket(occurred_at, $3::timestamptz[]) - 1 as range, currency,
         coalesce(sum(amount) filter (where kind = 'payment'), 0)::text as gross,
         coalesce(-sum(amount) filter (where kind like 'refund%'), 0)::text as refunded,
         coalesce(-sum(amount) filter (where kind like 'dispute%'), 0)::text as disputed,
         count(*) filter (where kind = 'payment')::text as payments,
         count(*) filter (where kind = 'refund')::text as refunds,
         count(*) filter (where kind = 'dispute')::text as disputes
       from takings.ledger_as_of($1)
       where livemode and ($6 = '*' or source = $6) and ($2 = '*' or account = $2) and occurred_at >= $4 and occurred_at < $5
       group by 1, 2 order by 1, 2`,
      [asOf, account ?? "", edges, edges[0], edges.at(-1), source],
    );
    return rows;
  }
  async function rolledUp(asOf: string, scope: Scope, edges: readonly string[]): Promise<unknown[]> {
    const filter = await filterNow(store.reader, { asOf, ...scope, from: edges[0], to: edges.at(-1) });
    const sums = await store.reader.sums(filter, edges.slice(0, -1));
    return sums.map(inText).toSorted((a, b) => a.range - b.range || order(a.currency, b.currency));
  }

  const time = fc.integer({ min: 0, max: (40 * day) / 1000 }).map((seconds) => first + seconds * 1000);
  const event = fc.record({
    objectId: fc.integer({ min: 0, max: 40 }).map((n) => `pi_${n}`),
    at: time.map(instant),
    // Of either sign, so that totals can also cancel out: no kind may depend on the sign of another.
    amount: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((amount) => amount !== 0n),
    currency: fc.constantFrom("usd", "jpy", "kwd"),
    kind: fc.constantFrom(...entryKinds),
    source: fc.constantFrom("default", "default", "shop"),
    account: fc.constantFrom(null, "acct_1"),
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.array(event, { minLength: 1, maxLength: 20 }).map((events) => ({ events })) },
    { weight: 2, arbitrary: fc.constant({ advance: true as const }) },
    { weight: 2, arbitrary: fc.constant({ look: true as const }) },
  );
  const edges = fc
    .uniqueArray(
      fc.oneof(
        time,
        time.map((ms) => ms - (ms % 900_000)),
        time.map((ms) => ms - (ms % day)),
      ),
      { minLength: 2, maxLength: 9 },
    )
    .map((times) => times.toSorted((a, b) => a - b).map(instant));

  it("agrees with the ledger row by row, as of any moment, for any ranges, sources and accounts", async () => {
    let eventNumber = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), edges, async (steps, cuts) => {
        const moments: string[] = [];
        for (const now of steps) {
          if ("advance" in now) await advance();
          else if ("look" in now) moments.push(await store.reader.safeReadTime());
          else {
            const batch = now.events.map((said) => {
              eventNumber += 1;
              return eventWithEntry({ ...said, eventId: `evt_${eventNumber}` });
            });
            await store.writer.record(batch);
          }
        }
        moments.push(await store.reader.safeReadTime());
        for (const moment of moments) {
          for (const scope of scopes) {
            expect(await rolledUp(moment, scope, cuts)).to.deep.equal(await counted(moment, scope, cuts));
          }
        }
      }),
      { numRuns: cases },
    );
  });

  it("returns totals without a range", async () => {
    await advance();
    const filter = await filterNow(store.reader, { source: "*", account: "*" });
    const all = ["1970-01-01T00:00:00Z", "9999-12-31T00:00:00Z"];
    const sums = (await store.reader.sums(filter)).map(inText);
    expect(sums.length).to.be.greaterThan(0);
    expect(sums.toSorted((a, b) => order(a.currency, b.currency))).to.deep.equal(
      await counted(filter.asOf, { source: "*", account: "*" }, all),
    );
  });

  it("is the same when it is rebuilt from the ledger", async () => {
    // As steps between rows: entries that were retracted leave a row with a step of zero.
    const reading = async (): Promise<unknown[]> => {
      const { rows } = await store.admin.query(
        `select * from (
           select livemode, source, account, since, until, currency, gross - lag(gross, 1, 0) over before as gross,
             refunded - lag(refunded, 1, 0) over before as refunded, disputed - lag(disputed, 1, 0) over before as disputed,
             payments - lag(payments, 1, 0::bigint) over before as payments
           from takings.rollup cross join lateral unnest(totals::takings.rollup_totals[])
           window before as (partition by livemode, source, account, since, currency order by until)
         ) as step
         where (gross, refunded, disputed, payments) <> (0, 0, 0, 0)
         order by livemode, source, account, since, until, currency`,
      );
      return rows;
    };
    await advance();
    const kept = await reading();
    await store.admin.query("select takings.rebuild_rollup()");
    expect(kept.length).to.be.greaterThan(100);
    expect(await reading()).to.deep.equal(kept);
  });

  it("is advanced by one caller at a time, and each delta is applied once", async () => {
    const batch = Array.from({ length: 50 }, (_, n) =>
      eventWithEntry({ eventId: `evt_once${n}`, currency: "eur" }),
    );
    await store.writer.record(batch);
    await Promise.all(Array.from({ length: 3 }, () => advance()));
    await advance();
    const filter = await filterNow(store.reader, { currency: "eur" });
    expect((await store.reader.sums(filter))[0]).to.deep.include({ gross: 5_000n, payments: 50 });
    const { rows } = await store.admin.query("select from takings.rollup_deltas");
    expect(rows).to.have.length(0);
  });
});
