import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { startStoreServer, type TestStoreServer } from "./test-server.ts";

type Body = {
  readonly q: string;
  readonly results: readonly { readonly kind: string; readonly link: string }[];
};

describe("GET /v1/search", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await service.asSuperuser("insert into takings.sources values ('shop', null)");
    await service.writer.record([
      eventWithEntry({ eventId: "evt_1", objectId: "pi_1" }),
      eventWithEntry({ source: "shop", eventId: "evt_1", objectId: "pi_1" }),
      {
        ...eventWithEntry({ eventId: "evt_2", objectId: "a/b ?&#%" }),
        facts: undefined,
        paymentIntent: null,
      },
    ]);
    await service.asSuperuser(
      `insert into takings.balance_transactions (id, source, account, livemode, type, reporting_category, currency, gross, fee,
         net, created, available_on, effective_at, event_id, said_at, said_received_at, recorded_at, balance_type)
       values ('txn_1', 'shop', 'acct_2', false, 'charge', 'charge', 'usd', 5, 1, 4, now(), now(), now(), 'evt_9', now(), now(),
         now() - interval '1 minute', 'issuing')`,
    );
  });

  after(() => service.close());

  async function links(query: string): Promise<string[]> {
    const { status, body } = await service.get(`/v1/search?${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return (body as Body).results.map(({ link }) => link);
  }

  it("links to what an id means, in every source that has it", async () => {
    expect(await links("q=evt_1")).to.deep.equal(["/v1/events/evt_1", "/v1/events/evt_1?source=shop"]);
  });

  it("is limited to a source", async () => {
    expect(await links("q=pi_1&source=shop")).to.deep.equal(["/v1/payments/pi_1?source=shop"]);
  });

  it("links to the events of an object of any name", async () => {
    const [link = ""] = await links(`q=${encodeURIComponent("a/b ?&#%")}`);
    const { body } = await service.get(link);
    expect((body as { events: { event_id: string }[] }).events.map((event) => event.event_id)).to.deep.equal([
      "evt_2",
    ]);
  });

  it("links to a list with the one balance transaction, whatever its balance type", async () => {
    const [link = ""] = await links("q=txn_1");
    const { body } = await service.get(link);
    expect((body as { transactions: { id: string }[] }).transactions.map(({ id }) => id)).to.deep.equal([
      "txn_1",
    ]);
  });

  it("finds nothing that is not stored", async () => {
    expect(await links("q=evt_unknown")).to.deep.equal([]);
  });

  for (const query of ["", "q=", "q=%00", `q=${"x".repeat(501)}`, "q=a&source=A"]) {
    it(`rejects the query ${JSON.stringify(query.slice(0, 20))}`, async () => {
      expect((await service.get(`/v1/search?${query}`)).status).to.equal(400);
    });
  }
});
