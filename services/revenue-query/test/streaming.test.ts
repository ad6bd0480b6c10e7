import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

const csv = { accept: "text/csv" };
const ndjson = { accept: "application/x-ndjson" };
const many = 2_500;

type Row = Readonly<Record<string, unknown>>;

describe("a streamed list", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await service.writer.record(
      Array.from({ length: many }, (_, index) =>
        eventWithEntry({
          eventId: `evt_${index}`,
          amount: BigInt(index + 1),
          currency: "jpy",
          at: new Date(Date.UTC(2024, 0, 1) + Math.floor(index / 7) * 1_000).toISOString(),
        }),
      ),
    );
    await service.writer.record([
      eventWithEntry({
        eventId: "evt_refund",
        objectId: "re_1",
        kind: "refund",
        amount: 1_250n,
        currency: "bhd",
        paymentIntent: "pi_1",
        account: "acct_1",
        at: "2024-05-01T10:00:00Z",
      }),
      {
        ...eventWithEntry({ eventId: "evt_odd", type: "odd", at: "2024-06-01T00:00:00Z" }),
        facts: undefined,
        livemode: null,
        status: "quarantined",
        reason: 'no amount, but "a\nb"',
      },
    ]);
  });

  after(() => service.close());

  async function text(path: string, headers: Record<string, string>): Promise<string> {
    const response = await fetch(service.url + path, { headers: { connection: "close", ...headers } });
    expect(response.status, path).to.equal(200);
    return response.text();
  }

  function rowsOf(lines: string): Row[] {
    return lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Row);
  }

  it("has the columns of the ledger as CSV, with amounts in both units", async () => {
    const lines = (await text("/v1/ledger?account=acct_1", csv)).split("\r\n");
    const [header, row = "", ...rest] = lines;
    expect(header).to.equal(
      "id,kind,amount_minor,amount_major,currency,occurred_at,recorded_at,object_id,payment_intent,event_id,account,livemode,source",
    );
    expect(row.split(",").filter((_, index) => index !== 0 && index !== 6)).to.deep.equal([
      "refund",
      "-1250",
      "-1.250",
      "bhd",
      "2024-05-01T10:00:00Z",
      "re_1",
      "pi_1",
      "evt_refund",
      "acct_1",
      "true",
      "default",
    ]);
    expect(rest).to.deep.equal([""]);
  });

  it("quotes CSV cells that need it, and leaves unknown fields empty", async () => {
    const lines = await text("/v1/events?from=2024-06-01", csv);
    expect(lines).to.equal(
      "event_id,type,created,received_at,livemode,account,object_id,status,reason,source\r\n" +
        'evt_odd,odd,2024-06-01T00:00:00Z,2024-06-01T00:00:00Z,,,pi_odd,quarantined,"no amount, but ""a\nb""",default\r\n',
    );
  });

  it("is only the header as CSV when there are no rows", async () => {
    expect((await text("/v1/ledger?currency=xxx", csv)).split("\r\n")).to.have.length(2);
  });

  it("has every row of the ledger once, in order, and a final line that marks it complete", async () => {
    const rows = rowsOf(await text("/v1/ledger?currency=jpy", ndjson));
    const { as_of, ...end } = rows.at(-1) ?? {};
    expect(end).to.deep.equal({ complete: true, rows: many });
    expect(as_of).to.be.a("string");
    const keys = rows.slice(0, -1).map(({ occurred_at, id }) => `${String(occurred_at)} ${String(id)}`);
    expect([new Set(keys).size, keys]).to.deep.equal([many, keys.toSorted()]);
  });

  it("has the rows of the JSON response in every format", async () => {
    const { body } = await service.get("/v1/ledger?account=*&from=2024-05-01");
    const rows = rowsOf(await text("/v1/ledger?account=*&from=2024-05-01", ndjson));
    expect(rows.slice(0, -1)).to.deep.equal((body as { entries: Row[] }).entries);
  });

  it("has every event once", async () => {
    const rows = rowsOf(await text("/v1/events", ndjson));
    const ids = new Set(rows.slice(0, -1).map(({ event_id }) => event_id));
    expect([ids.size, rows.at(-1)?.["rows"]]).to.deep.equal([many + 2, many + 2]);
  });

  it("has the events of one type in a range", async () => {
    const rows = rowsOf(await text("/v1/events?type=odd&from=2024-05-31&to=2024-06-02", ndjson));
    expect(rows.map(({ event_id }) => event_id)).to.deep.equal(["evt_odd", undefined]);
  });

  it("is as of as_recorded_at", async () => {
    const moment = await service.reader.safeReadTime();
    await service.writer.record([eventWithEntry({ eventId: "evt_after", currency: "sek" })]);
    const path = `/v1/ledger?currency=sek&as_recorded_at=${moment}`;
    const response = await fetch(service.url + path, { headers: { ...ndjson, connection: "close" } });
    expect([response.headers.get("takings-as-of"), rowsOf(await response.text())]).to.deep.equal([
      moment,
      [{ complete: true, rows: 0, as_of: moment }],
    ]);
  });

  for (const path of ["/v1/ledger", "/v1/events"]) {
    it(`of ${path} rejects limit and cursor and names both`, async () => {
      const { status, body } = await service.get(`${path}?limit=10&cursor=x`, { headers: csv });
      const { errors } = body as { errors: { parameter: string }[] };
      expect([status, errors.map(({ parameter }) => parameter)]).to.deep.equal([400, ["limit", "cursor"]]);
    });
  }

  it("responds to HEAD with only the headers", async () => {
    const { status, headers, body } = await service.get("/v1/ledger", { method: "HEAD", headers: csv });
    expect([status, headers.get("content-type"), body]).to.deep.equal([200, "text/csv; charset=utf-8", ""]);
  });

  const chosen: Readonly<Record<string, string>> = {
    "*/*": "application/json",
    "": "application/json",
    "application/json, text/csv": "application/json",
    "text/*": "text/csv",
    "text/csv;q=0.5, application/x-ndjson": "application/x-ndjson",
    "text/html, application/xhtml+xml, */*;q=0.8": "application/json",
  };
  for (const [accept, type] of Object.entries(chosen)) {
    it(`is ${type} for ${JSON.stringify(accept)}`, async () => {
      const { status, headers } = await service.get("/v1/ledger?currency=bhd", { headers: { accept } });
      expect([status, headers.get("content-type")?.split(";")[0], headers.get("vary")]).to.deep.equal([
        200,
        type,
        "Accept",
      ]);
    });
  }

  it("is 406 for unsupported media types, and lists the supported ones", async () => {
    const seen = [
      await service.get("/v1/ledger", { headers: { accept: "text/html" } }),
      await service.get("/v1/revenue", { headers: csv }),
    ].map(({ status, headers, body }) => [
      status,
      headers.get("content-type")?.split(";")[0],
      (body as { detail: string }).detail,
    ]);
    expect(seen).to.deep.equal([
      [
        406,
        "application/problem+json",
        "This path offers only application/json, text/csv, application/x-ndjson; change the Accept header.",
      ],
      [406, "application/problem+json", "This path offers only application/json; change the Accept header."],
    ]);
  });

  it("escapes CSV cells that a spreadsheet would execute, but not amounts", async () => {
    const evil = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\uFF1D1"];
    await service.writer.record([
      ...evil.map((text, index) => ({
        ...eventWithEntry({ eventId: `evt_evil${index}`, at: "2024-07-01T00:00:00Z" }),
        facts: undefined,
        type: text,
        account: text,
        objectId: text,
        status: "quarantined" as const,
        reason: text,
      })),
      eventWithEntry({
        eventId: "evt_evil",
        account: "acct_evil",
        objectId: "=re_1;=1",
        paymentIntent: "@pi_1",
        kind: "refund",
        amount: 1_250n,
        at: "2024-07-02T00:00:00Z",
      }),
    ]);
    const lines = (await text("/v1/events?from=2024-07-01&to=2024-07-02", csv)).split("\r\n").slice(1, -1);
    expect(lines).to.deep.equal(
      evil.map((one, index) => {
        const cell = /[\t\r]/.test(one) ? `"'${one}"` : `'${one}`;
        return `evt_evil${index},${cell},2024-07-01T00:00:00Z,2024-07-01T00:00:00Z,true,${cell},${cell},quarantined,${cell},default`;
      }),
    );
    const [, refund = ""] = (await text("/v1/ledger?account=acct_evil", csv)).split("\r\n");
    const [, , minor, major, , , , object, payment] = refund.split(",");
    expect([minor, major, object, payment]).to.deep.equal(["-1250", "-12.50", `"'=re_1;=1"`, "'@pi_1"]);
  });
});
