import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { eventWithEntry } from "@takings/testkit";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Entry = { readonly id: string; readonly event_id: string; readonly occurred_at: string };
type Page = { readonly entries: readonly Entry[]; readonly next_cursor: string | null };

describe("GET /v1/ledger", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
  });

  after(() => service.close());

  async function page(query: string): Promise<Page> {
    const { status, body } = await service.get(`/v1/ledger?${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Page;
  }

  async function readAllPages(
    query: string,
    between: () => Promise<unknown> = async () => {},
  ): Promise<Entry[]> {
    const all: Entry[] = [];
    let cursor: string | null = null;
    do {
      const { entries, next_cursor }: Page = await page(
        cursor === null ? query : `${query}&cursor=${cursor}`,
      );
      all.push(...entries);
      cursor = next_cursor;
      await between();
    } while (cursor !== null);
    return all;
  }

  it("shows signed amounts and every field", async () => {
    await service.writer.record([
      eventWithEntry({
        eventId: "evt_whole",
        objectId: "re_1",
        kind: "refund",
        amount: 1_250n,
        currency: "bhd",
        paymentIntent: "pi_1",
        at: "2024-05-01T10:00:00Z",
      }),
    ]);
    const { entries, next_cursor } = await page("currency=bhd");
    const [{ id, recorded_at, ...rest } = { id: "", recorded_at: "" }] = entries as (Entry & {
      recorded_at: string;
    })[];
    expect([id.slice(0, 3), recorded_at.at(-1), next_cursor]).to.deep.equal(["le_", "Z", null]);
    expect(rest).to.deep.equal({
      kind: "refund",
      amount: { minor: "-1250", major: "-1.250" },
      currency: "bhd",
      occurred_at: "2024-05-01T10:00:00Z",
      object_id: "re_1",
      payment_intent: "pi_1",
      event_id: "evt_whole",
      source: "default",
      account: null,
      livemode: true,
    });
  });

  it("has no next page when the last page is exactly full", async () => {
    await service.writer.record(
      [1, 2, 3, 4].map((n) => eventWithEntry({ eventId: `evt_full${n}`, currency: "chf" })),
    );
    const first = await page("currency=chf&limit=2");
    const second = await page(`currency=chf&limit=2&cursor=${first.next_cursor}`);
    expect([second.entries.length, second.next_cursor]).to.deep.equal([2, null]);
  });

  it("is complete and without duplicates while entries are added and superseded between pages", async () => {
    const at = (hour: number): string => new Date(Date.UTC(2024, 5, 2, hour)).toISOString();
    const say = (eventId: string, objectId: string, hour: number): ReturnType<typeof eventWithEntry> =>
      eventWithEntry({ eventId, objectId, currency: "nok", at: at(hour) });
    const hours = Array.from({ length: 25 }, (_, hour) => hour);
    await service.writer.record(hours.map((hour) => say(`evt_nok${hour}`, `pi_nok${hour}`, hour)));
    const before = await readAllPages("currency=nok&limit=1000");
    let round = 0;
    const during = await readAllPages("currency=nok&limit=4", async () => {
      round += 1;
      await service.writer.record([
        say(`evt_early${round}`, `pi_nok${round}`, -round),
        say(`evt_late${round}`, `pi_nok${24 - round}`, -1),
        say(`evt_new${round}`, `pi_new${round}`, 20),
      ]);
    });
    expect(during).to.deep.equal(before);
    expect(before.map(({ event_id }) => event_id)).to.deep.equal(hours.map((hour) => `evt_nok${hour}`));
  });

  it("has the newest entry first where that is asked for, on all pages", async () => {
    const ascending = await readAllPages("currency=nok");
    const descending = await readAllPages("currency=nok&limit=7&order=desc");
    expect(descending).to.deep.equal(ascending.toReversed());
  });

  it("accepts a different limit for each page", async () => {
    const first = await page("currency=chf&limit=1");
    const rest = await page(`currency=chf&limit=1000&cursor=${first.next_cursor}`);
    expect(rest.entries).to.have.length(3);
  });

  it("rejects a cursor with other parameters and names it", async () => {
    const { next_cursor } = await page("currency=chf&limit=1");
    const { status, body } = await service.get(`/v1/ledger?currency=nok&limit=1&cursor=${next_cursor}`);
    const { errors } = body as { errors: { parameter: string }[] };
    expect([status, errors.map(({ parameter }) => parameter)]).to.deep.equal([400, ["cursor"]]);
  });

  it("rejects a cursor of the other order", async () => {
    const { next_cursor } = await page("currency=chf&limit=1");
    expect((await service.get(`/v1/ledger?currency=chf&order=desc&cursor=${next_cursor}`)).status).to.equal(
      400,
    );
  });

  it("rejects a cursor of another list", async () => {
    const { next_cursor } = await page("currency=chf&limit=1");
    expect((await service.get(`/v1/events?cursor=${next_cursor}`)).status).to.equal(400);
  });

  it("rejects a cursor that was changed anywhere", async () => {
    const { next_cursor } = await page("currency=chf&limit=1");
    const cursor = next_cursor ?? "";
    const damaged = cursor
      .split("")
      .map((letter, at) => cursor.slice(0, at) + (letter === "A" ? "B" : "A") + cursor.slice(at + 1));
    const statuses = await Promise.all(
      damaged.map(
        async (text) => (await service.get(`/v1/ledger?currency=chf&limit=1&cursor=${text}`)).status,
      ),
    );
    expect(new Set(statuses)).to.deep.equal(new Set([400]));
  });
});
