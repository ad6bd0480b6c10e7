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
