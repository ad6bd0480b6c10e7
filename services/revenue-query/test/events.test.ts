import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { eventWithEntry } from "@takings/testkit";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Page = { readonly events: readonly { event_id: string }[]; readonly next_cursor: string | null };

const payload = '{ "id" : "evt_1",\n\t"name": "\\u0000 é 🙂", "big": 12345678901234567890 }';

describe("GET /v1/events and /v1/payments", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    const refund = { objectId: "re_1", kind: "refund", amount: 40n, type: "refund.created" } as const;
    await service.writer.record([
      eventWithEntry({
        eventId: "evt_1",
        objectId: "pi_1",
        paymentIntent: "pi_1",
        payload,
        at: "2024-01-01T00:00:00Z",
      }),
      eventWithEntry({ eventId: "evt_2", ...refund, paymentIntent: "pi_1", at: "2024-01-02T00:00:00Z" }),
      {
        ...eventWithEntry({ eventId: "evt_3", objectId: "re_1", at: "2024-01-03T00:00:00Z" }),
        facts: undefined,
      },
      {
        ...eventWithEntry({ eventId: "evt_4", at: "2024-01-04T00:00:00Z" }),
        facts: undefined,
        livemode: null,
        objectId: null,
        status: "quarantined",
        reason: "no livemode",
      },
    ]);
  });

  after(() => service.close());

  async function page(query: string): Promise<Page> {
    const { status, body } = await service.get(`/v1/events?${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Page;
  }

  async function ids(query: string): Promise<string[]> {
    return (await page(query)).events.map(({ event_id }) => event_id);
  }

  it("lists every event in order of time", async () => {
    expect(await ids("")).to.deep.equal(["evt_1", "evt_2", "evt_3", "evt_4"]);
  });

  it("lists the events of one type", async () => {
    expect(await ids("type=refund.created")).to.deep.equal(["evt_2"]);
  });

  it("lists the events of a range of Stripe's created", async () => {
    expect(await ids("from=2024-01-02&to=2024-01-03T00:00:00Z")).to.deep.equal(["evt_2"]);
  });

  it("lists the events with a status", async () => {
    expect([await ids("status=quarantined"), await ids("status=processed")]).to.deep.equal([
      ["evt_4"],
      ["evt_1", "evt_2", "evt_3"],
    ]);
  });

  it("lists the events that are about an object or name it as their payment", async () => {
    expect([
      await ids("object_id=re_1"),
      await ids("object_id=pi_1"),
      await ids("object_id=unknown"),
    ]).to.deep.equal([["evt_2", "evt_3"], ["evt_1", "evt_2"], []]);
  });

  it("keeps a cursor to the status and the object that it was made for", async () => {
    const { next_cursor: cursor } = await page("object_id=re_1&limit=1");
    const { status } = await service.get(`/v1/events?object_id=pi_1&cursor=${cursor}`);
    expect([status, await ids(`object_id=re_1&cursor=${cursor}`)]).to.deep.equal([400, ["evt_3"]]);
  });

  it("has pages without anything recorded between them", async () => {
    const first = await page("limit=2");
    await service.writer.record([
      { ...eventWithEntry({ eventId: "evt_5", at: "2024-01-03T12:00:00Z" }), facts: undefined },
    ]);
    const second = await page(`limit=2&cursor=${first.next_cursor}`);
    const seen = [...first.events, ...second.events].map(({ event_id }) => event_id);
    expect([...seen, second.next_cursor]).to.deep.equal(["evt_1", "evt_2", "evt_3", "evt_4", null]);
  });

  it("shows a quarantined event with its reason, and null for unknown fields", async () => {
    const { body } = await service.get("/v1/events/evt_4");
    expect(body).to.deep.equal({
      event_id: "evt_4",
      type: "payment_intent.succeeded",
      created: "2024-01-04T00:00:00Z",
      received_at: "2024-01-04T00:00:00Z",
      livemode: null,
      source: "default",
      account: null,
      object_id: null,
      status: "quarantined",
      reason: "no livemode",
      payload: "{}",
      payload_removed_at: null,
    });
  });

  it("returns the body exactly as received", async () => {
    const { body } = await service.get("/v1/events/evt_1");
    expect((body as { payload: string }).payload).to.equal(payload);
  });

  it("returns the whole history of a payment", async () => {
    const { body } = await service.get("/v1/payments/pi_1");
    const history = body as { payment_intent: string; entries: { object_id: string }[] } & Page;
    expect([
      history.payment_intent,
      history.entries.map((entry) => entry.object_id),
      history.events.map((event) => event.event_id),
    ]).to.deep.equal(["pi_1", ["pi_1", "re_1"], ["evt_1", "evt_2", "evt_3"]]);
  });

  it("leaves dismissed events out of those in quarantine, and says of them what they are elsewhere", async () => {
    const dismissed = {
      ...eventWithEntry({ eventId: "evt_6", at: "2024-02-01T00:00:00Z" }),
      facts: undefined,
    };
    await service.writer.record([{ ...dismissed, status: "quarantined", reason: "made by hand" }]);
    expect(await ids("from=2024-02-01&status=quarantined")).to.deep.equal(["evt_6"]);
    await service.asSuperuser("update takings.events set dismissed_at = now() where event_id = 'evt_6'");
    const seen = ["status=quarantined", "status=processed", "type=payment_intent.succeeded", ""].map(
      (query) => ids(`from=2024-02-01&${query}`),
    );
    expect(await Promise.all(seen)).to.deep.equal([[], [], ["evt_6"], ["evt_6"]]);
    expect((await service.get("/v1/events/evt_6")).body).to.include({ status: "quarantined" });
  });

  const unknown = [
    "evt_unknown",
    "%00",
    "evt%00_1",
    "a".repeat(8_000),
    "%F0%9F%99%82",
    "'%20or%201=1--",
    "..%2F..",
    "%20",
  ];
  for (const id of unknown) {
    it(`returns 404 for the id ${JSON.stringify(id.slice(0, 20))}`, async () => {
      const responses = [await service.get(`/v1/events/${id}`), await service.get(`/v1/payments/${id}`)];
      expect(responses.map(({ status }) => status)).to.deep.equal([404, 404]);
    });
  }
});
