import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { filterNow, type TestStore, createTestStore } from "./test-store.ts";

describe("sums of the ledger", () => {
  let store: TestStore;

  before(async () => {
    store = await createTestStore();
    await store.writer.record([
      // Two amounts whose sum is the first odd number that a float cannot represent.
      eventWithEntry({ eventId: "evt_idr1", currency: "idr", amount: 9_007_199_254_740_992n }),
      eventWithEntry({ eventId: "evt_idr2", currency: "idr", amount: 1n }),
      eventWithEntry({ eventId: "evt_huge1", currency: "vnd", amount: 9_223_372_036_854_775_807n }),
      eventWithEntry({ eventId: "evt_huge2", currency: "vnd", amount: 9_223_372_036_854_775_807n }),
      eventWithEntry({ eventId: "evt_test", currency: "usd", amount: 7n, livemode: false }),
      eventWithEntry({ eventId: "evt_connected", currency: "usd", amount: 5n, account: "acct_1" }),
      eventWithEntry({ eventId: "evt_mar", currency: "usd", amount: 1n, at: "2024-03-31T23:59:59Z" }),
      eventWithEntry({ eventId: "evt_apr", currency: "usd", amount: 10n, at: "2024-04-01T00:00:00Z" }),
      eventWithEntry({
        eventId: "evt_back",
        currency: "usd",
        amount: -4n,
        kind: "refund",
        at: "2024-04-02T00:00:00Z",
      }),
    ]);
  });

  after(() => store.close());

  it("are exact where a float would not be", async () => {
    const [sum] = await store.reader.sums(await filterNow(store.reader, { currency: "idr" }));
    expect(sum).to.deep.equal({
      range: 0,
      currency: "idr",
      gross: 9_007_199_254_740_993n,
      refunded: 0n,
      disputed: 0n,
      payments: 2,
      refunds: 0,
      disputes: 0,
    });
  });

  it("are exact where a bigint would overflow", async () => {
    const [sum] = await store.reader.sums(await filterNow(store.reader, { currency: "vnd" }));
    expect(sum?.gross).to.equal(18_446_744_073_709_551_614n);
  });

  it("separate test money from real money", async () => {
    const sums = await store.reader.sums(await filterNow(store.reader, { livemode: false }));
    expect(sums.map((sum) => sum.gross)).to.deep.equal([7n]);
  });

  it("separate a connected account's money from the platform's", async () => {
    const sums = await store.reader.sums(await filterNow(store.reader, { account: "acct_1" }));
    expect(sums.map((sum) => sum.gross)).to.deep.equal([5n]);
  });

  it("include every account when all are requested", async () => {
    const filter = await filterNow(store.reader, { account: "*", currency: "usd" });
    const sums = await store.reader.sums(filter);
    expect(sums.map((sum) => sum.gross)).to.deep.equal([16n]);
  });

  it("count an instant at a boundary in the range that begins with it", async () => {
    const filter = await filterNow(store.reader, {
      currency: "usd",
      from: "2024-03-31T00:00:00Z",
      to: "2024-04-03T00:00:00Z",
    });
    const boundaries = ["2024-03-31T00:00:00Z", "2024-04-01T00:00:00Z", "2024-04-02T00:00:00Z"];
    const sums = await store.reader.sums(filter, boundaries);
    const byRange = sums.toSorted((a, b) => a.range - b.range);
    expect(byRange.map(({ range, gross, refunded }) => [range, gross, refunded])).to.deep.equal([
      [0, 1n, 0n],
      [1, 10n, 0n],
      [2, 0n, 4n],
    ]);
  });

  it("count each entry in its own range, whether ranges are longer or shorter than the days without entries", async () => {
    const days = [0, 1, 2, 5, 6, 20, 21, 22, 40];
    const begin = Date.UTC(2022, 0, 1, 5, 30);
    const hour = 3_600_000;
    const moment = (ms: number): string => new Date(ms).toISOString();
    await store.writer.record(
      days.map((day, index) =>
        eventWithEntry({
          eventId: `evt_day_${day}`,
          currency: "sek",
          amount: 1n << BigInt(index),
          at: moment(begin + day * 24 * hour),
        }),
      ),
    );
    await store.admin.query("select takings.apply_rollup_deltas('0 seconds', 5000)");
    const pending = await store.admin.query("select 1 from takings.rollup_deltas");
    expect(pending.rows).to.deep.equal([]);
    for (const hours of [6, 24, 36, 72, 168]) {
      const starts = Array.from({ length: Math.ceil((45 * 24) / hours) }, (_, n) => begin + n * hours * hour);
      const to = moment((starts.at(-1) ?? begin) + hours * hour);
      const filter = await filterNow(store.reader, { currency: "sek", from: moment(begin), to });
      const sums = await store.reader.sums(filter, starts.map(moment));
      const wanted = new Map<number, bigint>();
      for (const [index, day] of days.entries()) {
        const range = Math.floor((day * 24) / hours);
        wanted.set(range, (wanted.get(range) ?? 0n) + (1n << BigInt(index)));
      }
      expect(new Map(sums.map(({ range, gross }) => [range, gross])), `${hours} h`).to.deep.equal(wanted);
    }
  });

  it("include what is at the beginning of the filter and exclude what is at its end", async () => {
    const range = { from: "2024-03-31T23:59:59Z", to: "2024-04-01T00:00:00Z" };
    const sums = await store.reader.sums(await filterNow(store.reader, { currency: "usd", ...range }));
    expect(sums.map((sum) => sum.gross)).to.deep.equal([1n]);
  });

  it("have the first and last moment that match as extent", async () => {
    const extent = await store.reader.extent(await filterNow(store.reader, { currency: "usd" }));
    expect(extent).to.deep.equal({ first: "2024-03-31T23:59:59Z", last: "2024-04-02T00:00:00Z" });
  });

  it("have no extent where nothing matches", async () => {
    const extent = await store.reader.extent(await filterNow(store.reader, { currency: "xxx" }));
    expect(extent).to.equal(undefined);
  });
});
