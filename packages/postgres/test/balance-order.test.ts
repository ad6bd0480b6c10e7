import type { EventRecord } from "@takings/domain";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import {
  onDay,
  ownTransaction,
  payoutEvent,
  payoutFact,
  readingOf,
  transactionFact,
} from "./balance-events.ts";
import { balanceFaults } from "./balance-faults.ts";
import { type TestStore, createTestStore } from "./test-store.ts";

/** What is said about one of a few objects, so that statements meet. */
type Statement = {
  readonly about: "charge" | "own" | "payout";
  /** Objects of two sources have the same ids. */
  readonly source: string;
  readonly object: number;
  readonly second: number;
  readonly receivedMs: number;
  readonly choice: number;
};

const statement: fc.Arbitrary<Statement> = fc.record({
  about: fc.constantFrom("charge", "own", "payout"),
  source: fc.constantFrom("default", "default", "shop"),
  object: fc.nat(1),
  second: fc.nat(2),
  receivedMs: fc.nat(1),
  choice: fc.nat(11),
});

/** The event of a statement. The same statement in another run is about other objects. */
function eventOf(
  run: string,
  { about, source, object, second, receivedMs, choice }: Statement,
  n: number,
): EventRecord {
  const of = `${run}_${object}`;
  const at = onDay(1).getTime() + second * 1_000 + receivedMs;
  const account = object === 0 ? null : "acct_b";
  const stated = { second, receivedAt: new Date(at), source, account };
  const payout = [undefined, null, `po_${of}`, `po_${run}_9`][choice % 4];
  const category = choice < 6 ? "charge" : "other";
  const availableOn = onDay(3 + (choice % 3));
  switch (about) {
    case "charge": {
      const fact = transactionFact(`txn_${of}`, { payout, availableOn, reportingCategory: category });
      return readingOf(`evt_${run}_${n}`, fact, stated);
    }
    case "own": {
      // Sometimes it is about the other payout, or about none.
      const paidOut = `po_${run}_${choice < 9 ? object : 1 - object}`;
      const fact = ownTransaction(`txn_own_${of}`, paidOut, { payout, availableOn });
      return readingOf(`evt_${run}_${n}`, choice === 11 ? { ...fact, sourceId: null } : fact, stated);
    }
    case "payout": {
      const members = choice % 3 === 0 ? choice : undefined;
      const different = { arrivalDate: onDay(1 + choice), automatic: choice !== 7, members };
      return payoutEvent(`evt_${run}_${n}`, payoutFact(`po_${of}`, different), stated);
    }
  }
}

describe("what is known of the balance", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  const versions = "'recorded_at' - 'superseded_at'";
  /** The rows of a run under names that do not contain it. */
  async function rowsOf(run: string, asOf = "infinity"): Promise<string> {
    const { rows } = await store.admin.query<{ row: unknown }>(
      `select to_jsonb(t) - ${versions} as row from takings.balance_transactions_as_of($2) as t where id ~ $1
       union all
       select to_jsonb(p) - ${versions} from takings.payouts as p where id ~ $1 and $2 = 'infinity'
       order by 1`,
      [`_${run}_`, asOf],
    );
    return JSON.stringify(rows).replaceAll(`_${run}_`, "__");
  }

  let runs = 0;
  const nextRun = (): string => `r${(runs += 1)}`;

  it("does not depend on the order, the repetition and the concurrency of deliveries", async () => {
    const deliveries = fc.array(statement, { minLength: 1, maxLength: 12 }).chain((statements) => {
      const numbers = statements.map((_, n) => n);
      const order = fc
        .tuple(fc.shuffledSubarray(numbers, { minLength: numbers.length }), fc.subarray(numbers))
        .map(([all, again]) => [...all, ...again]);
      return fc.tuple(
        fc.constant(statements),
        order,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
      );
    });
    const property = fc.asyncProperty(deliveries, async ([statements, order, writers, batchSize]) => {
      const [ordered, mixed] = [nextRun(), nextRun()];
      for (const [n, said] of statements.entries()) await store.writer.record([eventOf(ordered, said, n)]);
      const events = order.flatMap((n) => {
        const said = statements[n];
        return said === undefined ? [] : [eventOf(mixed, said, n)];
      });
      const batches = Array.from({ length: Math.ceil(events.length / batchSize) }, (_, n) =>
        events.slice(n * batchSize, (n + 1) * batchSize),
      );
      const writing = Array.from({ length: writers }, async (_, writer) => {
        for (const batch of batches.filter((__, n) => n % writers === writer))
          await store.writer.record(batch);
      });
      await Promise.all(writing);
      expect(await rowsOf(mixed)).to.equal(await rowsOf(ordered));
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it("does not change afterwards as of an earlier time", async () => {
    const property = fc.asyncProperty(fc.array(statement, { maxLength: 12 }), async (statements) => {
      const run = nextRun();
      const answers: { readonly asOf: string; readonly rows: string }[] = [];
      for (const [n, said] of statements.entries()) {
        await store.writer.record([eventOf(run, said, n)]);
        const asOf = await store.reader.safeReadTime();
        answers.push({ asOf, rows: await rowsOf(run, asOf) });
      }
      for (const { asOf, rows } of answers) expect(await rowsOf(run, asOf)).to.equal(rows);
    });
    await fc.assert(property, { numRuns: 8 });
  });

  it("follows from the events, and the sums from it", async () => {
    expect(await balanceFaults(store.admin)).to.deep.equal([]);
    for (let left = 1; left > 0; ) {
      const { rows } = await store.admin.query<{ applied: number }>(
        "select takings.apply_balance_deltas('0', 50)::integer as applied",
      );
      left = rows[0]?.applied ?? 0;
    }
    expect(await balanceFaults(store.admin)).to.deep.equal([]);
  });
});
