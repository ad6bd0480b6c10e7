import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { eventWithEntry } from "@takings/testkit";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

const life = [
  eventWithEntry({ eventId: "evt_p1", amount: 1_250_000n, at: "2024-05-01T00:00:00Z" }),
  eventWithEntry({ eventId: "evt_p2", amount: 500n, at: "2024-05-02T00:00:00Z" }),
  eventWithEntry({ eventId: "evt_r1", kind: "refund", amount: 300n, at: "2024-05-03T00:00:00Z" }),
  eventWithEntry({
    eventId: "evt_r2",
    objectId: "re_2",
    kind: "refund",
    amount: 200n,
    at: "2024-05-03T00:00:00Z",
  }),
  eventWithEntry({
    eventId: "evt_rr",
    objectId: "re_2",
    kind: "refund_reversal",
    amount: 200n,
    at: "2024-05-04T00:00:00Z",
  }),
  eventWithEntry({ eventId: "evt_d1", kind: "dispute", amount: 500n, at: "2024-05-05T00:00:00Z" }),
  eventWithEntry({ eventId: "evt_dr", kind: "dispute_reversal", amount: 100n, at: "2024-05-06T00:00:00Z" }),
];

describe("GET /v1/revenue", () => {
  let service: TestStoreServer;

  before(async () => {
    const installation = { defaultLivemode: true, stripeAccountId: "acct_own" };
    service = await startStoreServer({ installation });
    await service.writer.record([
      ...life,
      eventWithEntry({ eventId: "evt_eur", currency: "eur", amount: 900n, at: "2024-05-01T00:00:00Z" }),
      eventWithEntry({ eventId: "evt_test", livemode: false, amount: 77n }),
      eventWithEntry({ eventId: "evt_conn", account: "acct_1", amount: 55n }),
      eventWithEntry({ eventId: "evt_idr1", currency: "idr", amount: 9_007_199_254_740_992n }),
      eventWithEntry({ eventId: "evt_idr2", currency: "idr", amount: 1n }),
      eventWithEntry({ eventId: "evt_jpy", currency: "jpy", amount: 500n }),
      eventWithEntry({ eventId: "evt_isk", currency: "isk", amount: 500n }),
      eventWithEntry({ eventId: "evt_ugx", currency: "ugx", amount: 500n }),
      eventWithEntry({ eventId: "evt_bhd", currency: "bhd", amount: 5_120n }),
      eventWithEntry({ eventId: "evt_mga", currency: "mga", amount: 3n }),
      eventWithEntry({ eventId: "evt_huf", currency: "huf", amount: 10_045n }),
    ]);
  });

  after(() => service.close());

  async function totals(query: string): Promise<Record<string, unknown>[]> {
    const { body } = await service.get(`/v1/revenue?${query}`);
    return (body as { totals: Record<string, unknown>[] }).totals;
  }

  it("subtracts refunds and disputes from gross, and counts all entries but reversals", async () => {
    const [{ ledger: _, ...usd } = {}, ...others] = await totals("currency=usd");
    expect([usd, ...others]).to.deep.equal([
      {
        currency: "usd",
        exponent: 2,
        gross: { minor: "1250500", major: "12505.00" },
        refunded: { minor: "300", major: "3.00" },
        disputed: { minor: "400", major: "4.00" },
        net: { minor: "1249800", major: "12498.00" },
        counts: { payments: 2, refunds: 2, disputes: 1 },
      },
    ]);
  });

  it("shows how far the account has been reconciled with Stripe, if it has been", async () => {
    const at = (day: number): string => `2024-06-0${day}T00:00:00Z`;
    await service.asSuperuser(`insert into takings.sources values ('shop', 'acct_shop');
      insert into takings.reconciliations
      (source, account, livemode, complete_from, complete_through, missing, different, finished_at) values
      ('default', '', true, '${at(1)}', '${at(2)}', 0, 1, '${at(3)}'),
      ('default', 'acct_1', true, '${at(1)}', '${at(2)}', 2, 0, '${at(3)}'),
      ('default', 'acct_2', true, '${at(1)}', '${at(2)}', 0, 0, now() + interval '1 hour'),
      ('shop', '', true, '${at(1)}', '${at(2)}', 3, 0, '${at(3)}')`);
    const statusOf = async (query: string): Promise<unknown> =>
      ((await service.get(`/v1/revenue?${query}`)).body as { reconciliation: unknown }).reconciliation;
    const platform = {
      complete_from: at(1),
      complete_through: at(2),
      missing: 0,
      different: 1,
      finished_at: at(3),
    };
    expect(await statusOf("")).to.deep.equal(platform);
    expect(await statusOf("account=acct_1")).to.deep.include({ missing: 2, different: 0 });
    expect(await statusOf("source=shop")).to.deep.include({ missing: 3, different: 0 });
    expect(await statusOf("source=shop&account=acct_shop")).to.deep.include({ missing: 3, different: 0 });
    const withoutStatus = [
      "livemode=false",
      "account=*",
      "source=*",
      "account=acct_shop",
      "account=acct_2",
      "as_recorded_at=2024-06-05T00:00:00Z",
    ];
    for (const query of withoutStatus) expect(await statusOf(query), query).to.equal(null);
  });

  it("keeps currencies separate and sorted", async () => {
    const currencies = (await totals("")).map((total) => total["currency"]);
    expect(currencies).to.deep.equal(["bhd", "eur", "huf", "idr", "isk", "jpy", "mga", "ugx", "usd"]);
  });

  it("is exact beyond the precision of a float", async () => {
    const [total] = await totals("currency=IDR");
    expect(total?.["gross"]).to.deep.equal({ minor: "9007199254740993", major: "90071992547409.93" });
  });

  it("formats major units with Stripe's exponents", async () => {
    const majors = (await totals("")).map((total) => [
      total["currency"],
      (total["gross"] as { major: string }).major,
    ]);
    expect(majors.filter(([currency]) => currency !== "usd" && currency !== "idr")).to.deep.equal([
      ["bhd", "5.120"],
      ["eur", "9.00"],
      ["huf", "100.45"],
      ["isk", "5.00"],
      ["jpy", "500"],
      ["mga", "3"],
      ["ugx", "5.00"],
    ]);
  });

  it("has no totals when there are no entries", async () => {
    expect(await totals("from=2030-01-01")).to.deep.equal([]);
  });

  it("has no totals in an empty range", async () => {
    expect(await totals("from=2024-05-01&to=2024-05-01")).to.deep.equal([]);
  });

  it("excludes test mode unless livemode is false", async () => {
    const [total] = await totals("livemode=false");
    expect(total?.["net"]).to.deep.equal({ minor: "77", major: "0.77" });
  });

  it("includes a connected account only when it is given", async () => {
    const [total] = await totals("account=acct_1");
    expect(total?.["net"]).to.deep.equal({ minor: "55", major: "0.55" });
  });

  it("adds connected accounts to the platform for account=*", async () => {
    const [total] = await totals("account=*&currency=usd");
    expect(total?.["gross"]).to.deep.equal({ minor: "1250555", major: "12505.55" });
  });

  it("treats the installation's own account id as the platform", async () => {
    // The links differ by the read times that they are pinned to.
    const withoutLinks = (all: Record<string, unknown>[]): unknown[] =>
      all.map((total) => ({ ...total, ledger: undefined }));
    expect(withoutLinks(await totals("account=acct_own"))).to.deep.equal(withoutLinks(await totals("")));
  });

  it("echoes the query with its range as instants", async () => {
    const { body } = await service.get(
      "/v1/revenue?from=2024-03-31&to=2024-04-01t00:00:00.5%2B02:00&timezone=Europe/Berlin&account=*",
    );
    const {
      as_of,
      totals: _,
      reconciliation: __,
      settlement: ____,
      ...echo
    } = body as Record<string, unknown>;
    expect(as_of).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    expect(echo).to.deep.equal({
      from: "2024-03-30T23:00:00Z",
      to: "2024-03-31T22:00:00.5Z",
      timezone: "Europe/Berlin",
      livemode: true,
      source: "default",
      account: "*",
    });
  });

  it("echoes null for omitted parameters", async () => {
    const { body } = await service.get("/v1/revenue");
    const {
      as_of: _,
      totals: __,
      reconciliation: ___,
      settlement: ____,
      ...echo
    } = body as Record<string, unknown>;
    expect(echo).to.deep.equal({
      from: null,
      to: null,
      timezone: "UTC",
      livemode: true,
      source: "default",
      account: null,
    });
  });

  it("starts a day whose midnight is skipped at its first instant", async () => {
    const { body } = await service.get("/v1/revenue?from=2018-11-04&timezone=America/Sao_Paulo");
    expect((body as { from: string }).from).to.equal("2018-11-04T03:00:00Z");
  });

  it("responds to HEAD as to GET, without a body", async () => {
    const { status, headers, body } = await service.get("/v1/revenue", { method: "HEAD" });
    const seen = [status, headers.get("content-type"), body];
    expect(seen).to.deep.equal([200, "application/json; charset=utf-8", ""]);
  });

  it("must not be cached", async () => {
    const { headers } = await service.get("/v1/revenue");
    expect([headers.get("cache-control"), headers.get("etag")]).to.deep.equal(["no-store", null]);
  });
});
