import type { EventRecord } from "@takings/domain";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { type TestStore, createTestStore } from "./test-store.ts";
import { eventShowing, shownCharge, shownIntent, shownRefund } from "./events-showing.ts";
import { storeCorruptions } from "./store-corruptions.ts";

/** In every order. */
function ordersOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items];
  return items.flatMap((first, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}

describe("payments that turn out to be one", () => {
  let store: TestStore;
  before(async () => {
    store = await createTestStore();
  });
  after(() => store.close());

  let runs = 0;
  /** A refund that names only its charge, the charge with its PaymentIntent, and the latter, in an account. */
  function parts(): { readonly account: string; readonly events: readonly EventRecord[] } {
    runs += 1;
    const account = `acct_${runs}`;
    const named = (name: string): string => `evt_${name}${runs}`;
    return {
      account,
      events: [
        eventShowing(named("refund"), [shownRefund("re_1", { charge: "ch_1" })], { account }),
        eventShowing(named("charge"), [shownCharge("ch_1", { paymentIntent: "pi_1" })], {
          account,
          second: 1,
        }),
        eventShowing(named("intent"), [shownIntent("pi_1")], { account, second: 2 }),
      ],
    };
  }

  async function ledgerOf(account: string): Promise<readonly string[]> {
    const { rows } = await store.admin.query<{ line: string }>(
      `select concat_ws(' ', kind, object_id, amount, payment_intent) as line from takings.ledger
       where account = $1 order by 1`,
      [account],
    );
    return rows.map(({ line }) => line);
  }

  /** How many payments the objects of an account belong to. */
  async function paymentsOf(account: string): Promise<number> {
    const { rows } = await store.admin.query(
      "select from takings.payment_objects where account = $1 and belongs_to = object_id",
      [account],
    );
    return rows.length;
  }

  const whole = ["payment pi_1 1000 pi_1", "refund re_1 -100 pi_1"];

  for (const order of ordersOf([0, 1, 2])) {
    const name = order.map((index) => ["refund", "charge", "intent"][index]).join(", ");
    it(`are one payment with one ledger, in batches of one: ${name}`, async () => {
      const { account, events } = parts();
      for (const index of order) await store.writer.record(events.slice(index, index + 1));
      expect(await ledgerOf(account)).to.deep.equal(whole);
      expect(await paymentsOf(account)).to.equal(1);
    });

    it(`are one payment with one ledger, in one batch: ${name}`, async () => {
      const { account, events } = parts();
      await store.writer.record(order.flatMap((index) => events[index] ?? []));
      expect(await ledgerOf(account)).to.deep.equal(whole);
      expect(await paymentsOf(account)).to.equal(1);
    });
  }

  it("are one payment with one ledger, where each part has its own writer at the same time", async () => {
    for (let run = 0; run < 20; run += 1) {
      const { account, events } = parts();
      await Promise.all(events.map((event) => store.writer.record([event])));
      expect(await ledgerOf(account)).to.deep.equal(whole);
      expect(await paymentsOf(account)).to.equal(1);
    }
  });

  it("stay separate in ledger scopes that have the same ids", async () => {
    const shows = [shownRefund("re_b", { charge: "ch_b" })] as const;
    const books = [
      { account: "acct_scoped" },
      { account: "acct_scoped", livemode: false },
      { account: null },
      { account: null, livemode: false },
    ];
    await store.writer.record(books.map((of, index) => eventShowing(`evt_b${index}`, shows, of)));
    await store.writer.record([
      eventShowing("evt_b_named", [shownCharge("ch_b", { paymentIntent: "pi_b" })], {
        account: "acct_scoped",
      }),
    ]);
    const { rows } = await store.admin.query(
      `select account, livemode, payment_intent from takings.ledger where object_id = 're_b' order by 1, 2`,
    );
    expect(rows).to.deep.equal([
      { account: "", livemode: false, payment_intent: null },
      { account: "", livemode: true, payment_intent: null },
      { account: "acct_scoped", livemode: false, payment_intent: null },
      { account: "acct_scoped", livemode: true, payment_intent: "pi_b" },
    ]);
  });

  it("are one along a chain of links, with several of them in one batch", async () => {
    const account = "acct_chain";
    const refund = (n: number) =>
      eventShowing(`evt_c${n}`, [shownRefund(`re_c${n}`, { charge: `ch_c${n}` })], { account });
    await store.writer.record([refund(1), refund(2), refund(3), refund(4)]);
    expect(await paymentsOf(account)).to.equal(4);
    const joined = (id: string, a: string, b: string) =>
      eventShowing(id, [shownRefund(`re_${id}`, { charge: a }), shownRefund(`re_${id}2`, { charge: b })], {
        account,
      });
    await store.writer.record([joined("evt_j1", "ch_c1", "ch_c2"), joined("evt_j2", "ch_c3", "ch_c4")]);
    expect(await paymentsOf(account)).to.equal(2);
    await store.writer.record([joined("evt_j3", "ch_c4", "ch_c1")]);
    expect(await paymentsOf(account)).to.equal(1);
    await store.writer.record([
      eventShowing("evt_j4", [shownCharge("ch_c2", { paymentIntent: "pi_c" })], { account }),
    ]);
    expect(await paymentsOf(account)).to.equal(1);
    expect(await storeCorruptions(store.admin)).to.deep.equal([]);
  });

  it("cause no deadlock among concurrent writers, and leave the ledger that follows from the events", async () => {
    const ids = (prefix: string): fc.Arbitrary<string> =>
      fc.integer({ min: 1, max: 5 }).map((n) => `${prefix}_s${n}`);
    const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });
    const shown = fc.oneof(
      ids("pi").map((id) => shownIntent(id)),
      fc
        .tuple(ids("ch"), maybe(ids("pi")), fc.constantFrom(0n, 100n))
        .map(([id, paymentIntent, amountRefunded]) => shownCharge(id, { paymentIntent, amountRefunded })),
      fc
        .tuple(ids("re"), maybe(ids("ch")), maybe(ids("pi")))
        .map(([id, charge, paymentIntent]) => shownRefund(id, { charge, paymentIntent })),
    );
    const event = fc.tuple(fc.tuple(shown, shown), fc.boolean(), fc.nat(20), fc.integer({ min: 1, max: 3 }));
    const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 4 }), {
      minLength: 12,
      maxLength: 12,
    });
    const samples = fc.sample(batches, { numRuns: 10, seed: 7 });
    const refused: unknown[] = [];
    let events = 0;
    for (const [round, sample] of samples.entries()) {
      const delivered = sample.map((batch) =>
        batch.map(([[first, second], isBoth, at, spread]) => {
          events += 1;
          const said = { account: `acct_storm${round % 5}`, second: at };
          const id = `evt_storm${round}_${isBoth ? "both" : "one"}_${first.id}_${second.id}_${at}_${spread}_${events}`;
          return eventShowing(id, isBoth ? [first, second] : [first], said);
        }),
      );
      const lanes = [0, 1, 2, 3].map((lane) =>
        delivered.filter((_, index) => index % 4 === lane || index % 5 === lane),
      );
      await Promise.all(
        lanes.map(async (lane) => {
          for (const batch of lane)
            await store.writer.record(batch).catch((error: unknown) => refused.push(error));
        }),
      );
    }
    expect(refused).to.deep.equal([]);
    expect(await storeCorruptions(store.admin)).to.deep.equal([]);
    const { rows } = await store.admin.query(
      "select deadlocks::integer from pg_stat_database where datname = current_database()",
    );
    expect(rows).to.deep.equal([{ deadlocks: 0 }]);
  }).timeout(120_000);
});
