import { eventWithEntry, type EntryFields } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";
import type { StatedChange } from "./change-figures.ts";

type Page = {
  readonly changes: readonly StatedChange[];
  readonly next_cursor: string | null;
  readonly as_of: string;
};

const march = "from=2024-03-01&to=2024-04-01";

describe("GET /v1/revenue/changes", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
  });

  after(() => service.close());

  async function page(query: string): Promise<Page> {
    const { status, body } = await service.get(`/v1/revenue/changes?${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Page;
  }

  async function recordedSince(first: readonly EntryFields[], then: readonly EntryFields[]): Promise<string> {
    if (first.length > 0) await service.writer.record(first.map(eventWithEntry));
    const since = await service.reader.safeReadTime();
    for (const said of then) await service.writer.record([eventWithEntry(said)]);
    return since;
  }

  const brief = ({ change, why, currency, figure, effect, before, after }: StatedChange): unknown[] => [
    change,
    why,
    currency,
    figure,
    effect.minor,
    before?.event_id ?? null,
    after?.event_id ?? null,
  ];

  it("lists a payment whose event arrived late", async () => {
    const since = await recordedSince(
      [],
      [{ eventId: "evt_late", currency: "sek", amount: 70n, at: "2024-03-05T00:00:00Z" }],
    );
    const { changes } = await page(`${march}&currency=sek&since=${since}`);
    expect(changes.map(brief)).to.deep.equal([
      ["added", "late_event", "sek", "gross", "70", null, "evt_late"],
    ]);
  });

  it("lists a payment from after since as new, not as late", async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const since = await recordedSince([], [{ eventId: "evt_new", currency: "pln", at }]);
    const { changes } = await page(`currency=pln&since=${since}`);
    expect(changes.map(({ why }) => why)).to.deep.equal(["new_event"]);
  });

  it("lists refunds, disputes and their reversals with the figure that each affects", async () => {
    const at = "2024-03-06T00:00:00Z";
    const money = { currency: "nok", at };
    const since = await recordedSince(
      [],
      [
        { eventId: "evt_c1", objectId: "re_c", kind: "refund", amount: 10n, ...money },
        { eventId: "evt_c2", objectId: "re_c", kind: "refund_reversal", amount: 10n, ...money },
        { eventId: "evt_c3", kind: "dispute", amount: 20n, ...money },
        { eventId: "evt_c4", kind: "dispute_reversal", amount: 5n, ...money },
      ],
    );
    const { changes } = await page(`${march}&currency=nok&since=${since}`);
    expect(changes.map(brief)).to.deep.equal([
      ["added", "refund", "nok", "refunded", "-10", null, "evt_c1"],
      ["added", "reversal", "nok", "refunded", "10", null, "evt_c2"],
      ["added", "dispute", "nok", "disputed", "-20", null, "evt_c3"],
      ["added", "reversal", "nok", "disputed", "5", null, "evt_c4"],
    ]);
  });

  it("lists an entry that moves into the range, and out of its previous one", async () => {
    const money = { objectId: "pi_moving", currency: "dkk", amount: 40n };
    const since = await recordedSince(
      [{ eventId: "evt_m2", ...money, at: "2024-04-01T00:00:00Z" }],
      [{ eventId: "evt_m1", ...money, amount: 45n, at: "2024-03-31T23:59:59Z" }],
    );
    const seen = [
      await page(`${march}&currency=dkk&since=${since}`),
      await page(`from=2024-04-01&currency=dkk&since=${since}`),
      await page(`currency=dkk&since=${since}`),
    ].map(({ changes }) => changes.map(brief));
    expect(seen).to.deep.equal([
      [["moved_in", "earlier_event", "dkk", "gross", "45", "evt_m2", "evt_m1"]],
      [["moved_out", "earlier_event", "dkk", "gross", "-40", "evt_m2", "evt_m1"]],
      [["amended", "earlier_event", "dkk", "gross", "5", "evt_m2", "evt_m1"]],
    ]);
  });

  it("lists an entry whose currency changes under both currencies", async () => {
    const since = await recordedSince(
      [{ eventId: "evt_x2", objectId: "pi_x", currency: "czk", amount: 8n, at: "2024-03-08T00:00:00Z" }],
      [{ eventId: "evt_x1", objectId: "pi_x", currency: "huf", amount: 9n, at: "2024-03-07T00:00:00Z" }],
    );
    const { changes, next_cursor } = await page(`${march}&since=${since}&limit=1`);
    const rest = await page(`${march}&since=${since}&limit=1&cursor=${next_cursor}`);
    const only = await page(`${march}&currency=czk&since=${since}`);
    expect([...changes, ...rest.changes, ...only.changes].map(brief)).to.deep.equal([
      ["moved_in", "earlier_event", "huf", "gross", "9", "evt_x2", "evt_x1"],
      ["moved_out", "earlier_event", "czk", "gross", "-8", "evt_x2", "evt_x1"],
      ["moved_out", "earlier_event", "czk", "gross", "-8", "evt_x2", "evt_x1"],
    ]);
    expect(rest.next_cursor).to.equal(null);
  });

  it("lists a payment whose fields are filled in, although no amount changes", async () => {
    const refund = { objectId: "re_f", kind: "refund", amount: 3n, currency: "ron" } as const;
    const since = await recordedSince(
      [{ eventId: "evt_f1", ...refund, at: "2024-03-09T00:00:00Z" }],
      [{ eventId: "evt_f2", ...refund, paymentIntent: "pi_f", at: "2024-03-10T00:00:00Z" }],
    );
    const { changes } = await page(`${march}&currency=ron&since=${since}`);
    expect(changes.map(brief)).to.deep.equal([
      ["amended", "correction", "ron", "refunded", "0", "evt_f1", "evt_f1"],
    ]);
  });

  it("lists every change of an entry that changed more than once", async () => {
    const say = (day: number): EntryFields => ({
      eventId: `evt_s${day}`,
      objectId: "pi_s",
      currency: "try",
      amount: BigInt(day),
      at: `2024-03-0${day}T00:00:00Z`,
    });
    const since = await recordedSince([say(5)], [say(4), say(3)]);
    const { changes } = await page(`${march}&currency=try&since=${since}`);
    expect(changes.map(({ before, after }) => [before?.event_id, after?.event_id])).to.deep.equal([
      ["evt_s5", "evt_s4"],
      ["evt_s4", "evt_s3"],
    ]);
  });

  it("lists an entry that was removed", async () => {
    const since = await recordedSince(
      [{ eventId: "evt_gone", currency: "isk", at: "2024-03-11T00:00:00Z" }],
      [],
    );
    await service.asSuperuser(`
      with gone as (delete from takings.ledger where event_id = 'evt_gone' returning *)
      insert into takings.ledger_superseded select *, takings.begin_recording() from gone`);
    const { changes } = await page(`${march}&currency=isk&since=${since}`);
    expect(changes.map(brief)).to.deep.equal([
      ["removed", "correction", "isk", "gross", "-100", "evt_gone", null],
    ]);
  });

  it("is empty since its own read time", async () => {
    const { as_of } = await page(`since=${await service.reader.safeReadTime()}`);
    expect((await page(`since=${as_of}`)).changes).to.deep.equal([]);
  });

  it("ends at as_recorded_at", async () => {
    const since = await recordedSince([], [{ eventId: "evt_u1", currency: "mxn" }]);
    const until = await service.reader.safeReadTime();
    await service.writer.record([eventWithEntry({ eventId: "evt_u2", currency: "mxn" })]);
    const { changes, as_of } = await page(`currency=mxn&since=${since}&as_recorded_at=${until}`);
    expect([changes.map(({ after }) => after?.event_id), as_of]).to.deep.equal([["evt_u1"], until]);
  });

  it("has pages without anything recorded between them", async () => {
    const say = (n: number): EntryFields => ({
      eventId: `evt_g${n}`,
      currency: "php",
      at: "2024-03-12T00:00:00Z",
    });
    const since = await service.reader.safeReadTime();
    await service.writer.record([1, 2, 3, 4, 5].map((n) => eventWithEntry(say(n))));
    const query = `${march}&currency=php&since=${since}&limit=2`;
    const seen: (string | undefined)[] = [];
    let cursor: string | null = "";
    for (let round = 6; cursor !== null; round += 1) {
      const one: Page = await page(cursor === "" ? query : `${query}&cursor=${cursor}`);
      seen.push(...one.changes.map(({ after }) => after?.event_id));
      cursor = one.next_cursor;
      await service.writer.record([eventWithEntry(say(round))]);
    }
    expect(seen).to.have.members(["evt_g1", "evt_g2", "evt_g3", "evt_g4", "evt_g5"]);
  });

  const refused: Readonly<Record<string, readonly string[]>> = {
    "": ["since"],
    "since=2024-03-01": ["since"],
    "since=2999-01-01T00:00:00Z": ["since"],
    "since=2024-03-02T00:00:00Z&as_recorded_at=2024-03-01T00:00:00Z": ["since"],
    "since=2024-03-01T00:00:00Z&as_recorded_at=2999-03-01T00:00:00Z": ["as_recorded_at"],
    "since=x&limit=0&nope=1": ["limit", "nope", "since"],
  };
  for (const [query, parameters] of Object.entries(refused)) {
    it(`rejects ${JSON.stringify(query)} and names what is wrong`, async () => {
      const { status, body } = await service.get(`/v1/revenue/changes?${query}`);
      const { errors } = body as { errors: { parameter: string }[] };
      expect([status, errors.map(({ parameter }) => parameter).toSorted()]).to.deep.equal([400, parameters]);
    });
  }
});
