import type { BalanceReader, Moment } from "@takings/domain";
import { recordPayouts, recordTransactions, type StoredTransaction, testDatabase } from "@takings/testkit";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import type { Pool } from "pg";
import { createBalanceReader } from "../src/balance/balance-reader.ts";
import { readSafeReadTime } from "../src/record/recorded-time.ts";
import { activityIn, balancesAt, counted, totalsOf } from "./balance-arithmetic.ts";
import { poolOf } from "./test-store.ts";

const hour = 3_600_000;
const first = Date.UTC(2024, 1, 1);
const span = 400 * 24;
const instant = (ms: number): string => new Date(ms).toISOString();

/** Sorted, and without what only the database can hold: BigInts as text. */
const inText = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? String(one) : one)));

const time = fc
  .record({ hours: fc.integer({ min: 0, max: span }), ms: fc.constantFrom(0, 1, 1_000, 1_799_999, hour - 1) })
  .map(({ hours, ms }) => first + hours * hour + ms);
const amount = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
const transaction = fc
  .record({
    id: fc.integer({ min: 0, max: 60 }).map((n) => `txn_${n}`),
    // Two sources have transactions and payouts with the same ids.
    source: fc.constantFrom("default", "shop"),
    category: fc.constantFrom("charge", "refund", "payout", "not_known_yet"),
    gross: amount,
    fee: amount,
    created: time,
    waits: fc.constantFrom(-1, 0, 1, 30 * 60_000, 5 * hour, 50 * hour, 3_000 * hour),
    arrives: fc.constantFrom(0, 0, 20 * 60_000, 70 * hour),
    balanceType: fc.constantFrom(null, null, "payments", "issuing"),
    payout: fc.constantFrom(null, "po_1", "po_2"),
  })
  .map(({ waits, arrives, ...one }): StoredTransaction => {
    // What never changes of a transaction follows from its source and its id.
    const n = Number(one.id.slice(4)) + (one.source === "shop" ? 1_001 : 0);
    const created = first + ((n * 7919) % (span * 60)) * 60_000;
    return {
      ...one,
      gross: BigInt(n) * 1_000n ** BigInt(n % 6) - 77n,
      fee: BigInt(n % 5) - 2n,
      account: n % 3 === 0 ? "acct_1" : "",
      currency: ["eur", "jpy", "usd"][n % 3 === 0 ? 2 : n % 2] ?? "usd",
      balanceType: n % 7 === 0 ? "issuing" : n % 2 === 0 ? "payments" : null,
      created,
      availableOn: created + waits,
      effectiveAt: created + arrives,
      sourceId: one.category === "payout" ? "po_1" : null,
    };
  });
const keyOf = ({ source, id }: StoredTransaction): string => `${source} ${id}`;
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(transaction, { minLength: 1, maxLength: 25, selector: keyOf })
      .map((read) => ({ read })),
  },
  { weight: 2, arbitrary: fc.constantFrom("advance" as const, "look" as const) },
);

describe("sums of the balance", () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let [admin, reading]: Pool[] = [];
  let reader: BalanceReader;
  const pool = (): Pool => admin ?? expect.fail("not started");

  before(async () => {
    database = await testDatabase();
    [admin, reading] = [poolOf(database.superuserUrl), poolOf(database.readerUrl)];
    reader = createBalanceReader(reading);
  });
  after(async () => {
    await Promise.all([admin?.end(), reading?.end()]);
    await database.drop();
  });

  const known = new Map<string, StoredTransaction>();
  const snapshots: { readonly asOf: Moment; readonly known: readonly StoredTransaction[] }[] = [];
  const advance = (): Promise<unknown> =>
    pool().query("select takings.apply_balance_deltas('0 seconds', 5000)");
  const look = async (): Promise<void> => {
    snapshots.push({ asOf: await readSafeReadTime(pool()), known: [...known.values()] });
  };
  const scopeOf = (asOf: Moment, account: string, source = "default") => ({
    asOf,
    source,
    account: account === "" ? null : account,
    livemode: true,
    currency: undefined,
  });

  /** Instants at which something is counted, becomes available or leaves, and the ones beside them. */
  const edges = (): number[] =>
    [...known.values()].flatMap(({ created, availableOn, effectiveAt }) =>
      [created, availableOn, effectiveAt].flatMap((at) => [at - 1, at, at + 1]),
    );

  async function compare(source: string, at: number, to: number): Promise<void> {
    for (const { asOf, known: then } of snapshots) {
      for (const account of ["", "acct_1", "*"]) {
        const scope = scopeOf(asOf, account, source);
        const own = counted(then, account, source);
        const balances = await reader.balances(scope, instant(at));
        expect(inText(balances)).to.deep.equal(inText(balancesAt(own, at)));
        const activity = await reader.activity(scope, { from: instant(at), to: instant(to) });
        expect(inText(activity)).to.deep.equal(inText(activityIn(own, at, to)));
      }
    }
  }

  it("agree with the transactions one by one, as of any time, at any instant and in any range", async () => {
    const position = fc.integer({ min: 0, max: 2 ** 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 10 }),
        fc.array(fc.oneof(time, position), { minLength: 2, maxLength: 6 }),
        async (steps, picks) => {
          snapshots.length = 0;
          for (const now of steps) {
            if (now === "advance") await advance();
            else if (now === "look") await look();
            else {
              await recordTransactions(pool(), now.read);
              for (const one of now.read) known.set(keyOf(one), one);
            }
          }
          await look();
          const all = edges();
          const instants = picks.map((pick) => (pick < first ? (all[pick % all.length] ?? first) : pick));
          for (const [n, at] of instants.entries()) {
            const other = instants[(n + 1) % instants.length] ?? at;
            const source = ["default", "shop", "*"][n % 3] ?? "*";
            await compare(source, Math.min(at, other), Math.max(at, other));
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it("have an ending balance that is the total at the end of the range", async () => {
    const asOf = await readSafeReadTime(pool());
    const scope = scopeOf(asOf, "*");
    const end = instant(first + 3_000 * hour);
    const activity = await reader.activity(scope, { from: undefined, to: end });
    const balances = await reader.balances(scope, end);
    expect(activity.map(({ currency, endingBalance }) => [currency, endingBalance])).to.deep.equal(
      balances.map(({ currency, total }) => [currency, total]),
    );
  });

  it("contain moments ahead when a range has no end", async () => {
    const ahead = Date.now() + 90 * 24 * hour;
    const late: StoredTransaction = {
      id: "txn_ahead",
      account: "acct_ahead",
      category: "payout",
      currency: "usd",
      gross: -500n,
      fee: 0n,
      created: first,
      availableOn: first,
      effectiveAt: ahead,
      balanceType: null,
      sourceId: "po_9",
      payout: null,
    };
    await recordTransactions(pool(), [late]);
    const scope = scopeOf(await readSafeReadTime(pool()), "acct_ahead");
    expect(await reader.activity(scope, { from: undefined, to: undefined })).to.deep.equal(
      activityIn([late], 0, ahead + 1),
    );
    expect(await reader.balances(scope, instant(Date.now()))).to.deep.equal([
      { currency: "usd", available: 0n, pending: 0n, total: 0n, inTransit: 500n },
    ]);
  });

  it("agree with the members of payouts, without their own transactions", async () => {
    await recordPayouts(
      pool(),
      [{ id: "po_1" }, { id: "po_2" }, { id: "po_1", source: "shop" }].map((payout) => ({
        ...payout,
        account: "",
        amount: 5n,
        currency: "usd",
        status: "paid",
        automatic: true,
        arrivalDate: first,
        reconciliationStatus: "completed",
        members: 3,
      })),
    );
    await look();
    for (const { asOf, known: then } of snapshots) {
      for (const [id, source] of [
        ["po_1", "default"],
        ["po_2", "default"],
        ["po_1", "shop"],
      ] as const) {
        const members = counted(then, "", source).filter(
          ({ payout, category, sourceId }) => payout === id && !(category === "payout" && sourceId === id),
        );
        const payout = await reader.payout(id, {
          asOf,
          source,
          account: "*",
          livemode: undefined,
        });
        // The payout itself was recorded after the earlier snapshots.
        if (payout !== undefined) expect(inText(payout.members)).to.deep.equal(inText(totalsOf(members)));
      }
    }
    expect(
      (
        await reader.payout("po_1", {
          asOf: snapshots.at(-1)?.asOf ?? "",
          source: "default",
          account: null,
          livemode: true,
        })
      )?.members,
    ).to.have.length.above(1);
  });

  it("are the same when they are rebuilt from the transactions", async () => {
    const held = async (): Promise<unknown[]> => {
      const text = `
        select * from takings.balance_rollup
        where (count, gross, fee, net, pending, transit, transits) <> (0, 0, 0, 0, 0, 0, 0)
        order by livemode, source, account, level, start, currency, reporting_category`;
      const totals = `
        select * from takings.payout_totals where (count, gross, fee, net) <> (0, 0, 0, 0)
        order by payout, source, account, livemode, reporting_category`;
      return [...(await pool().query(text)).rows, ...(await pool().query(totals)).rows];
    };
    await advance();
    const kept = await held();
    await pool().query("select takings.rebuild_balance_rollup()");
    expect(kept.length).to.be.greaterThan(100);
    expect(await held()).to.deep.equal(kept);
  });

  it("are the same when they are rebuilt while deltas are pending", async () => {
    await recordTransactions(
      pool(),
      [...known.values()].slice(0, 10).map((one) => ({ ...one, payout: "po_2" })),
    );
    const scope = scopeOf(await readSafeReadTime(pool()), "*");
    const read = (): Promise<unknown> => reader.activity(scope, { from: undefined, to: undefined });
    const kept = await read();
    await pool().query("select takings.rebuild_balance_rollup()");
    expect(await read()).to.deep.equal(kept);
    const { rows } = await pool().query("select from takings.balance_deltas");
    expect(rows).to.have.length.above(0);
  });
});
