import {
  type EntryKind,
  entryId,
  gapPosition,
  type LedgerFilter,
  messageIdOf,
  type OpenGap,
  type Page,
  type StoredEvent,
} from "@takings/domain";
import { eventWithCharge, eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createTestStore, filterNow, type TestStore } from "./test-store.ts";

const names = ["default", "shop-eu", "shop-us"];

/** The Stripe account of `shop-eu`; in `default` it is a connected one. */
const owner = "acct_own";

/** The same ids in every source, with money of its own, at few instants. */
const fields = names.flatMap((source, place) =>
  Array.from({ length: 24 }, (_, n) => ({
    source,
    eventId: `evt_${n}`,
    objectId: `ob_${n}`,
    kind: (n % 5 === 0 ? "refund" : "payment") as EntryKind,
    amount: BigInt(n + 1) * 1_000n ** BigInt(place) * (n % 5 === 0 ? -1n : 1n),
    currency: n % 2 === 0 ? "usd" : "eur",
    at: `2024-05-0${1 + (n % 4)}T00:00:00Z`,
    account: [null, "acct_1", source === "default" ? owner : null][n % 3] ?? null,
  })),
);
type Fields = (typeof fields)[number];

const shuffled = <T>(list: readonly T[]): T[] => list.map((_, n) => list[(n * 7 + 3) % list.length] as T);
const inOrder = <T>(list: readonly T[], ...keys: ((of: T) => string)[]): T[] =>
  list.toSorted((a, b) => {
    const key = keys.find((of) => of(a) !== of(b));
    return key === undefined ? 0 : key(a) < key(b) ? -1 : 1;
  });

/** What a filter selects, by the rules of the API in plain words. */
function selects({ source, account, currency, from }: LedgerFilter, one: Fields): boolean {
  const platform = one.source === "shop-eu" ? owner : undefined;
  const isOfAccount = account === platform ? one.account === null : one.account === account;
  return (
    (source === "*" || one.source === source) &&
    (account === "*" || isOfAccount) &&
    (currency === undefined || one.currency === currency) &&
    (from === undefined || one.at >= from)
  );
}

describe("the ledgers of several sources with the same ids", () => {
  let store: TestStore;

  before(async () => {
    store = await createTestStore();
    await store.admin.query("insert into takings.sources values ('shop-eu', $1)", [owner]);
    const events = shuffled(fields).map((one) => eventWithEntry(one));
    await store.writer.record(events.slice(0, 40));
    await store.admin.query("select takings.apply_rollup_deltas('0 seconds', 5000)");
    await store.writer.record([...events.slice(40), ...events.slice(0, 20)]);
  });

  after(() => store.close());

  async function walk<Row>(
    read: (page: Page) => Promise<readonly Row[]>,
    position: (row: Row) => NonNullable<Page["after"]>,
    limit: number,
  ): Promise<Row[]> {
    const all: Row[] = [];
    for (;;) {
      const last = all.at(-1);
      const rows = await read({ limit, after: last && position(last) });
      all.push(...rows);
      if (rows.length < limit) return all;
    }
  }

  for (const source of [...names, "nobody", "*"]) {
    for (const account of [null, "acct_1", owner, "*"]) {
      it(`have the entries, totals and extent of source ${source} and account ${account ?? "of the platform"}`, async () => {
        for (const different of [{}, { currency: "usd", from: "2024-05-02T00:00:00Z" }]) {
          const filter = await filterNow(store.reader, { source, account, ...different });
          const selected = fields.filter((one) => selects(filter, one));
          const expected = inOrder(
            selected.map((one) => ({ ...one, id: entryId({ ...one, livemode: true }) })),
            ({ at }) => at,
            ({ id }) => id,
          );
          const entries = await walk(
            (page) => store.reader.entries(filter, page),
            ({ occurredAt: time, id }) => ({ time, id }),
            5,
          );
          expect(entries.map((one) => [one.source, one.id, one.amount])).to.deep.equal(
            expected.map((one) => [one.source, one.id, one.amount]),
          );
          const sums = await store.reader.sums(filter);
          const net = new Map(sums.map((sum) => [sum.currency, sum.gross - sum.refunded]));
          const plain = Map.groupBy(selected, ({ currency }) => currency);
          expect(net).to.deep.equal(
            new Map([...plain].map(([key, of]) => [key, of.reduce((all, { amount }) => all + amount, 0n)])),
          );
          const extent = await store.reader.extent(filter);
          expect([extent?.first, extent?.last]).to.deep.equal([expected[0]?.at, expected.at(-1)?.at]);
        }
      });
    }
  }

  it("list the events of one id and instant in the order of the sources, once each on pages of any size", async () => {
    const asOf = await store.reader.safeReadTime();
    for (const [source, limit] of [
      ["*", 1],
      ["*", 4],
      ["*", 100],
      ["shop-us", 5],
    ] as const) {
      const events = await walk<StoredEvent>(
        (page) =>
          store.reader.events({ asOf, from: undefined, to: undefined, type: undefined, source }, page),
        (row) => ({ time: row.created, id: messageIdOf(row) }),
        limit,
      );
      const expected = inOrder(
        fields.filter((one) => source === "*" || one.source === source),
        ({ at }) => at,
        ({ eventId }) => eventId,
        (one) => one.source,
      );
      expect(events.map(messageIdOf)).to.deep.equal(expected.map(messageIdOf));
    }
  });

  it("show one event and one payment of the source that is asked for", async () => {
    const asOf = await store.reader.safeReadTime();
    for (const source of names) {
      expect(await store.reader.event("evt_1", source)).to.include({ source, eventId: "evt_1" });
      const { entries, events } = await store.reader.payment("ob_1", source, asOf);
      expect([entries, events].map((rows) => rows.map((row) => row.source))).to.deep.equal([
        [source],
        [source],
      ]);
    }
    expect(await store.reader.event("evt_1", "nobody")).to.equal(undefined);
  });

  it("list a gap of the same charge in each source and account once, on pages of any size", async () => {
    const seen = names.flatMap((source) =>
      [null, "acct_1"].map((account) => ({ source, account, id: "same", at: new Date("2024-05-01Z") })),
    );
    await store.writer.record(
      seen.map((one) => ({ ...eventWithCharge(one), eventId: `evt_same${one.account ?? ""}` })),
    );
    const filter = { kind: undefined, source: "*", account: "*", livemode: true };
    for (const limit of [1, 2, 4, 100]) {
      const gaps = await walk<OpenGap>(
        (page) => store.reader.gaps(filter, page),
        (row) => ({ time: row.seenAt, id: gapPosition(row) }),
        limit,
      );
      expect(gaps.map(({ source, account }) => `${account ?? ""} ${source}`)).to.deep.equal(
        inOrder(
          seen.map(({ source, account }) => `${account ?? ""} ${source}`),
          (text) => text,
        ),
      );
    }
    const ofOwner = await store.reader.gaps({ ...filter, account: owner }, { limit: 10, after: undefined });
    expect(ofOwner.map((gap) => [gap.source, gap.account])).to.deep.equal([["shop-eu", null]]);
  });

  it("change in the source whose event arrived, and are as they were before as of then", async () => {
    const filter = await filterNow(store.reader, { source: "*", account: "*" });
    const page = { limit: 1_000, after: undefined };
    const [entries, sums] = [await store.reader.entries(filter, page), await store.reader.sums(filter)];
    await store.writer.record([
      eventWithEntry({
        source: "shop-us",
        eventId: "evt_early",
        objectId: "ob_3",
        currency: "eur",
        at: "2024-04-01T00:00:00Z",
      }),
    ]);
    const now = await filterNow(store.reader, { source: "*", account: "*" });
    const changedIn = async (source: string, account: string | null): Promise<unknown[]> => {
      const changes = await store.reader.changes({ ...now, source, account }, filter.asOf, page);
      return changes.map(({ before, after: since }) => [before?.source, since?.source, since?.eventId]);
    };
    const change = ["shop-us", "shop-us", "evt_early"];
    expect(await changedIn("*", "*")).to.deep.equal([change]);
    expect(await changedIn("shop-us", null)).to.deep.equal([change]);
    expect(await changedIn("default", "*")).to.deep.equal([]);
    expect(await changedIn("*", owner)).to.deep.equal([]);
    expect(await store.reader.entries(filter, page)).to.deep.equal(entries);
    expect(await store.reader.sums(filter)).to.have.deep.members(sums);
  });
});
