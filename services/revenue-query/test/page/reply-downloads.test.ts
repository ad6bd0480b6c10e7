import { gapPosition, type OpenGap } from "@takings/domain";
import { eventWithCharge, eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { stubReader } from "../stub-reader.ts";
import { startStoreServer, startTestServer, type TestServer, type TestStoreServer } from "../test-server.ts";
import { openView } from "./page-client.ts";

describe("a download of what the API has as JSON only", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    const payment = { amount: 123_456n, currency: "usd", at: "2024-03-31T12:00:00Z" };
    await service.writer.record([
      eventWithEntry({ ...payment, eventId: "evt_1", objectId: "pi_1" }),
      eventWithEntry({ ...payment, eventId: "evt_2", objectId: "pi_2", currency: "jpy" }),
      eventWithEntry({ ...payment, eventId: "evt_3", objectId: "pi_3", at: "2024-04-01T12:00:00Z" }),
      eventWithCharge({ id: "gone", at: new Date("2024-05-07T00:00:00Z") }),
    ]);
  });

  after(() => service.close());

  async function read(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(service.url + path, { headers: { connection: "close" } });
    return { status: response.status, text: await response.text() };
  }
  const linesOf = async (path: string): Promise<string[]> => (await read(path)).text.split("\r\n");

  it("of totals has one row for each currency", async () => {
    const [header, ...rows] = await linesOf("/revenue.csv?from=2024-03-01&to=2024-04-01");
    expect(header).to.match(/^line,currency,gross_minor,gross_major,.*,net_minor,net_major,payments,/);
    expect(rows.map((row) => row.split(",").slice(0, 4).join(","))).to.deep.equal([
      "revenue,jpy,123456,123456",
      "revenue,usd,123456,1234.56",
      "",
    ]);
  });

  it("of gaps and of changes has the rows of the API", async () => {
    for (const [path, query] of [
      ["gaps", "kind=payment"],
      ["revenue/changes", "since=2024-01-01T00:00:00Z"],
    ] as const) {
      const reply = (await service.get(`/v1/${path}?${query}&limit=1000`)).body as Record<string, unknown>;
      const list = reply[path === "gaps" ? "gaps" : "changes"] as object[];
      const lines = (await read(`/${path}.ndjson?${query}`)).text.trimEnd().split("\n");
      const parsed = lines.map((line) => JSON.parse(line) as { readonly rows?: number });
      expect(parsed.slice(0, -1), path).to.deep.equal(list);
      expect([parsed.at(-1)?.rows, (await linesOf(`/${path}.csv?${query}`)).length], path).to.deep.equal([
        list.length,
        list.length + 2,
      ]);
    }
    expect(await linesOf("/gaps.csv?source=nowhere"), "of nothing").to.have.length(2);
    const view = await openView(service.url, "/gaps.csv?limit=5");
    expect([view.status, view.texts(".errors code")]).to.deep.equal([400, ["limit"]]);
  });

  it("of a payment has its events and entries in the order of its life", async () => {
    const [header, ...rows] = await linesOf("/payments/pi_3/life.csv");
    expect(header).to.match(/^at,row,what,object_id,amount_minor,amount_major,running_net_minor,/);
    expect(rows.map((row) => row.split(",").slice(0, 6).join(","))).to.deep.equal([
      "2024-04-01T12:00:00Z,event,payment_intent.succeeded,pi_3,,",
      "2024-04-01T12:00:00Z,entry,payment,pi_3,123456,1234.56",
      "",
    ]);
    expect((await service.get("/payments/pi_3/life.csv")).headers.get("content-disposition")).to.equal(
      'attachment; filename="takings-payments-pi_3-life.csv"',
    );
  });

  for (const path of [
    "/gaps",
    "/revenue/changes?since=2024-01-01&currency=usd",
    "/payments/pi_3",
    "/?from=2024-03-01&to=2024-04-01",
  ]) {
    it(`of what is shown at ${path.split("?")[0]} is linked there, in each format`, async () => {
      const links = (await openView(service.url, path)).links(".exports a");
      expect(links.length).to.be.greaterThan(1);
      const files = await Promise.all(links.map((link) => read(link)));
      expect(files.map(({ status }) => status)).to.deep.equal(links.map(() => 200));
    });
  }
});

describe("a download of a list that is read in pages", () => {
  let service: TestServer;
  const gaps = Array.from(
    { length: 1_001 },
    (_, n): OpenGap => ({
      kind: "payment",
      objectId: `ch_${String(n).padStart(4, "0")}`,
      paymentIntent: null,
      amount: 100n,
      currency: "usd",
      seenAt: "2024-05-01T00:00:00Z",
      eventId: `evt_${n}`,
      source: "default",
      account: null,
      livemode: true,
    }),
  );

  before(async () => {
    const reader = stubReader({
      async gaps(_, { limit, after }) {
        const from = gaps.findIndex((gap) => gapPosition(gap) === after?.id) + 1;
        return gaps.slice(from, from + limit);
      },
    });
    service = await startTestServer(reader);
  });
  after(() => service.close());

  it("has the rows of all pages once", async () => {
    const { body } = await service.get("/gaps.csv");
    const ids = String(body)
      .split("\r\n")
      .map((line) => line.split(",")[1]);
    expect(ids.slice(1, -1)).to.deep.equal(gaps.map(({ objectId }) => objectId));
  });
});
