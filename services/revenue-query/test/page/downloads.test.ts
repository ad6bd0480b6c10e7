import { type LedgerEntry, TakingsError } from "@takings/domain";
import { createLogger } from "@takings/runtime";
import { eventWithEntry, recordPayouts } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { loadTokens } from "../../src/http/tokens.ts";
import { fileName } from "../../src/page/downloads/file-name.ts";
import { stubReader } from "../stub-reader.ts";
import { startStoreServer, startTestServer, type TestServer, type TestStoreServer } from "../test-server.ts";
import { openView } from "./page-client.ts";

const payment = {
  eventId: "evt_1",
  objectId: "pi_1",
  kind: "payment",
  amount: 123_456n,
  currency: "usd",
  source: "default",
  account: null,
  livemode: true,
  at: "2024-03-31T12:00:00Z",
} as const;

describe("a download", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await service.writer.record([
      eventWithEntry(payment),
      eventWithEntry({ ...payment, eventId: "evt_2", objectId: '=cmd|"<b>', currency: "jpy" }),
      eventWithEntry({ ...payment, eventId: "evt_3", objectId: "pi_3", at: "2024-04-01T12:00:00Z" }),
    ]);
    const payout = {
      id: "po_1",
      account: "",
      amount: 100n,
      currency: "usd",
      status: 'future;"status',
      automatic: true,
      arrivalDate: Date.UTC(2024, 2, 1),
      reconciliationStatus: null,
      members: null,
    };
    await recordPayouts(service.admin, [payout]);
  });

  after(() => service.close());

  async function read(
    path: string,
    accept = "*/*",
  ): Promise<{ status: number; type: string | null; text: string }> {
    const response = await fetch(service.url + path, { headers: { accept, connection: "close" } });
    const { status, headers } = response;
    return { status, type: headers.get("content-type"), text: await response.text() };
  }
  /** Where nothing is recorded meanwhile, two reads differ only in the instant that they are as of. */
  const withoutInstant = (text: string): string => text.replaceAll(/as_(of|recorded_at)[=":]+[\w:.-]+/g, "");

  for (const [path, query] of [
    ["/ledger", "from=2024-03-01&to=2024-04-01"],
    ["/events", ""],
    ["/payouts", "status="],
    ["/balance/transactions", "currency=usd"],
  ] as const) {
    for (const [extension, accept] of [
      ["csv", "text/csv"],
      ["ndjson", "application/x-ndjson"],
    ] as const) {
      it(`of ${path} as ${extension} is byte for byte what the API streams`, async () => {
        const wanted = await read(`/v1${path}?${query.replace("status=", "")}`, accept);
        const got = await read(`${path}.${extension}?${query}`);
        expect([got.status, got.type]).to.deep.equal([200, `${accept}; charset=utf-8`]);
        expect(withoutInstant(got.text)).to.equal(withoutInstant(wanted.text)).and.not.equal("");
      });
    }
  }

  it("as of a recorded time is byte for byte the same at any later time", async () => {
    const { body } = await service.get("/v1/ledger");
    const query = `currency=usd&as_recorded_at=${(body as { as_of: string }).as_of}`;
    const wanted = await service.get(`/v1/ledger?${query}`, { headers: { accept: "text/csv" } });
    await service.writer.record([eventWithEntry({ ...payment, eventId: "evt_4", objectId: "pi_4" })]);
    expect((await service.get(`/ledger.csv?${query}`)).body).to.equal(wanted.body);
  });

  it("is saved under a name that tells what it holds", async () => {
    const { headers } = await service.get("/ledger.csv?from=2024-03-01&to=2024-04-01&currency=usd");
    expect(headers.get("content-disposition")).to.equal(
      'attachment; filename="takings-ledger-2024-03-01-2024-04-01-usd.csv"',
    );
  });

  it("of a series has one row for each bucket and currency", async () => {
    const { body } = await service.get(
      "/revenue/series.csv?interval=month&from=2024-03-01&to=2024-05-01&timezone=Europe/Berlin",
    );
    const rows = String(body)
      .split("\r\n")
      .map((line) => line.split(",").slice(0, 5).join(","));
    expect(rows).to.deep.equal([
      "start,end,currency,gross_minor,gross_major",
      "2024-03-01T00:00:00+01:00,2024-04-01T00:00:00+02:00,jpy,123456,123456",
      "2024-03-01T00:00:00+01:00,2024-04-01T00:00:00+02:00,usd,246912,2469.12",
      "2024-04-01T00:00:00+02:00,2024-05-01T00:00:00+02:00,usd,123456,1234.56",
      "",
    ]);
  });

  it("that is impossible is a page that says what is wrong, not a file", async () => {
    const view = await openView(service.url, "/ledger.csv?from=yesterday&limit=5");
    expect([view.status, view.headers.get("content-disposition")]).to.deep.equal([400, null]);
    expect(view.texts(".errors code")).to.deep.equal(["from", "limit"]);
  });
});

describe("a download whose database goes away", () => {
  let service: TestServer;
  let lastGoodPage = 0;
  let pages = 0;
  const entry: LedgerEntry = {
    id: "le_1",
    kind: "payment",
    amount: 100n,
    currency: "usd",
    occurredAt: "2024-05-01T00:00:00Z",
    recordedAt: "2024-05-01T00:00:00Z",
    objectId: "pi_1",
    paymentIntent: null,
    eventId: "evt_1",
    source: "default",
    account: null,
    livemode: true,
  };

  before(async () => {
    const reader = stubReader({
      async entries(_, { limit }) {
        pages += 1;
        if (pages > lastGoodPage) throw new TakingsError("unavailable", "the database went away");
        return Array.from({ length: limit }, () => entry);
      },
    });
    service = await startTestServer(reader);
  });
  after(() => service.close());

  it("before its first row is a page that says so", async () => {
    const view = await openView(service.url, "/ledger.csv");
    expect([view.status, view.headers.get("content-type")]).to.deep.equal([503, "text/html; charset=utf-8"]);
    expect(Number(view.headers.get("retry-after"))).to.be.greaterThan(0);
  });

  it("after some rows is broken off, so that it never looks complete", async () => {
    [pages, lastGoodPage] = [0, 3];
    const response = await fetch(`${service.url}/ledger.csv`);
    const read = await response.text().then(
      () => "complete",
      () => "broken off",
    );
    expect([response.status, read]).to.deep.equal([200, "broken off"]);
  });
});

describe("a download of a service that requires tokens", () => {
  let service: TestServer;

  before(async () => {
    const log = createLogger({ service: "test", level: "silent" });
    const tokens = loadTokens({ text: "all,\nlimited account=acct_1", file: undefined }, log);
    service = await startTestServer(stubReader({}), { tokens });
  });
  after(() => service.close());

  it("asks to sign in", async () => {
    const view = await openView(service.url, "/ledger.csv");
    expect([view.status, view.headers.get("content-disposition")]).to.deep.equal([401, null]);
    expect(view.document.querySelectorAll("input[name=token]")).to.have.length(1);
  });

  it("has only what the token may read", async () => {
    const open = (path: string): ReturnType<typeof openView> =>
      openView(service.url, path, { authorization: "Bearer limited" });
    for (const path of ["/ledger.csv", "/gaps.csv", "/revenue.csv", "/revenue/series.csv?interval=day"]) {
      const separator = path.includes("?") ? "&" : "?";
      expect((await open(path)).status, path).to.equal(200);
      expect((await open(`${path}${separator}account=*`)).status, path).to.equal(403);
    }
  });
});

describe("the name of a downloaded file", () => {
  it("has only letters, digits, underscores, hyphens and one dot, whatever is asked for", () => {
    const search = new URLSearchParams({ type: 'a"\r\nx: y/../..\\é', from: "2024-03-01T00:00:00+01:00" });
    expect(fileName("/events", search, "csv")).to.equal("takings-events-2024-03-01T00-00-00-01-00-a-x-y.csv");
  });

  it("is short enough for any file system", () => {
    const search = new URLSearchParams({ payout: "p".repeat(1_000) });
    expect(fileName("/balance/transactions", search, "ndjson").length).to.be.lessThan(130);
  });
});
