import { eventWithEntry } from "@takings/testkit";
import type { LedgerEntry, LedgerFilter } from "@takings/domain";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { filterNow, type TestStore, createTestStore } from "./test-store.ts";

describe("entries of the ledger", () => {
  let store: TestStore;

  before(async () => {
    store = await createTestStore();
  });

  after(() => store.close());

  async function walk(
    filter: LedgerFilter,
    limit: number,
    between: () => Promise<unknown> = async () => {},
  ): Promise<LedgerEntry[]> {
    const all: LedgerEntry[] = [];
    for (;;) {
      const last = all.at(-1);
      const position = last === undefined ? undefined : { time: last.occurredAt, id: last.id };
      const page = await store.reader.entries(filter, { limit, after: position });
      all.push(...page);
      if (page.length < limit) return all;
      await between();
    }
  }

  it("have every field as it was recorded", async () => {
    await store.writer.record([
      eventWithEntry({
        eventId: "evt_whole",
        objectId: "re_1",
        kind: "refund",
        amount: -250n,
        currency: "eur",
        at: "2024-05-01T10:00:00.5Z",
        account: "acct_whole",
        paymentIntent: "pi_whole",
      }),
    ]);
    const filter = await filterNow(store.reader, { account: "acct_whole" });
    const [entry] = await store.reader.entries(filter, { limit: 10, after: undefined });
    const { id, recordedAt, ...rest } = entry ?? { id: "", recordedAt: "" };
    expect(id).to.match(/^le_[0-9a-f]{32}$/);
    expect(recordedAt).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?Z$/);
    expect(rest).to.deep.equal({
      kind: "refund",
      amount: -250n,
      currency: "eur",
      occurredAt: "2024-05-01T10:00:00.5Z",
      objectId: "re_1",
      paymentIntent: "pi_whole",
      eventId: "evt_whole",
      source: "default",
      account: "acct_whole",
      livemode: true,
    });
  });

  it("show times to the microsecond", async () => {
    await store.writer.record([eventWithEntry({ eventId: "evt_micro", currency: "aud" })]);
    const moment = "2024-05-01T10:00:00.12345Z";
    await store.admin.query("update takings.ledger set occurred_at = $1 where event_id = 'evt_micro'", [
      moment,
    ]);
    const filter = await filterNow(store.reader, { currency: "aud" });
    const [entry] = await store.reader.entries(filter, { limit: 1, after: undefined });
    expect(entry?.occurredAt).to.equal(moment);
  });

  it("are paginated in the order of time and id, also where many share one time", async () => {
    const events = Array.from({ length: 50 }, (_, index) =>
      eventWithEntry({
        eventId: `evt_tie${index}`,
        currency: "chf",
        at: `2024-05-0${1 + (index % 3)}T00:00:00Z`,
      }),
    );
    await store.writer.record(events);
    const entries = await walk(await filterNow(store.reader, { currency: "chf" }), 7);
    const keys = entries.map((entry) => `${entry.occurredAt} ${entry.id}`);
    expect(keys).to.deep.equal([...new Set(keys)].toSorted());
    expect(keys).to.have.length(50);
  });

  it("are paginated without gaps or repetitions while others are added and superseded between the pages", async () => {
    const at = (hour: number): string => new Date(Date.UTC(2024, 5, 2, hour)).toISOString();
    const events = Array.from({ length: 24 }, (_, index) =>
      eventWithEntry({
        eventId: `evt_walk${index}`,
        objectId: `pi_walk${index}`,
        currency: "nok",
        at: at(index),
      }),
    );
    await store.writer.record(events);
    const filter = await filterNow(store.reader, { currency: "nok" });
    const before = await walk(filter, 100);
    let round = 0;
    const during = await walk(filter, 4, async () => {
      round += 1;
      await store.writer.record([
        // Earlier events change an entry that was returned already and one that was not, and move both.
        eventWithEntry({
          eventId: `evt_early${round}`,
          objectId: `pi_walk${round}`,
          currency: "nok",
          at: at(-round),
        }),
        eventWithEntry({
          eventId: `evt_late${round}`,
          objectId: `pi_walk${23 - round}`,
          currency: "nok",
          at: at(-1),
        }),
        eventWithEntry({
          eventId: `evt_new${round}`,
          objectId: `pi_new${round}`,
          currency: "nok",
          at: at(20),
        }),
      ]);
    });
    expect(during).to.deep.equal(before);
    expect(round).to.equal(6);
  });

  it("can be read as they were before an earlier event took precedence", async () => {
    const later = {
      eventId: "evt_second",
      objectId: "pi_same",
      currency: "sek",
      amount: 2n,
      at: "2024-06-02T00:00:00Z",
    };
    const earlier = { ...later, eventId: "evt_first", amount: 1n, at: "2024-06-01T00:00:00Z" };
    await store.writer.record([eventWithEntry(later)]);
    const then = await filterNow(store.reader, { currency: "sek" });
    await store.writer.record([eventWithEntry(earlier)]);
    const now = await filterNow(store.reader, { currency: "sek" });
    const page = { limit: 10, after: undefined };
    const seen = [await store.reader.entries(then, page), await store.reader.entries(now, page)];
    expect(seen.map((entries) => entries.map((entry) => entry.amount))).to.deep.equal([[2n], [1n]]);
  });
});
