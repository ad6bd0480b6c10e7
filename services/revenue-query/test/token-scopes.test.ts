import { createLogger } from "@takings/runtime";
import { eventWithCharge, eventWithEntry, recordPayouts, recordTransactions } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { loadTokens } from "../src/http/tokens.ts";
import { createRoutes } from "../src/routes/all-routes.ts";
import type { Route } from "../src/routes/route.ts";
import { openView } from "./page/page-client.ts";
import { stubBalance, stubReader } from "./stub-reader.ts";
import { startStoreServer, type TestResponse, type TestStoreServer } from "./test-server.ts";

const log = createLogger({ service: "test", level: "silent" });
const installation = { defaultLivemode: true, stripeAccountId: "acct_platform" };
const routes: readonly Route[] = Object.values(
  createRoutes({ reader: stubReader({}), balance: stubBalance({}), installation }),
);
const tokens = loadTokens(
  {
    text: `mine source=shop account=acct_mine livemode=false bodies=false
      two account=platform account=acct_mine
      named account=acct_platform
      shop account=acct_shop source=shop
      unlimited`,
    file: undefined,
  },
  log,
);

type Owner = { readonly source: string; readonly account: string | null; readonly livemode: boolean };
const mine: Owner = { source: "shop", account: "acct_mine", livemode: false };
/** Each differs from what the token may read in one way, and the last in all. */
const others: readonly Owner[] = [
  { ...mine, account: "acct_other" },
  { ...mine, account: null },
  { ...mine, livemode: true },
  { ...mine, source: "default" },
  { source: "default", account: null, livemode: true },
];

/** What no answer to the token may contain: the ids and currency of all others, and rows that say to be somebody else's. */
const foreign = /foreign|eur\b|acct_other|"account":null|"livemode":true|"source":"default"/;
const own = /mine_|usd\b/;

/** Money and events of an owner. Payments and payouts have the same ids for everybody, as they may have in several sources. */
async function record(service: TestStoreServer, owner: Owner, name: string): Promise<void> {
  const at = Date.UTC(2024, 2, 1);
  const currency = owner === mine ? "usd" : "eur";
  const entry = { ...owner, currency, objectId: "pi_1", payload: `{"name":"${name}"}` };
  await service.writer.record([
    eventWithEntry({ ...entry, eventId: `evt_${name}_1` }),
    eventWithCharge({ ...owner, currency, id: `${name}_2`, at: new Date(at) }),
  ]);
  const scope = { ...owner, account: owner.account ?? "", currency };
  const moments = { created: at, availableOn: at, effectiveAt: at, arrivalDate: at };
  const transaction = {
    category: "charge",
    gross: 100n,
    fee: 3n,
    balanceType: null,
    sourceId: null,
    payout: null,
  };
  await recordTransactions(service.admin, [{ ...scope, ...moments, ...transaction, id: `txn_${name}` }]);
  const payout = { amount: 97n, status: "paid", automatic: true, reconciliationStatus: null, members: null };
  await recordPayouts(service.admin, [{ ...scope, ...moments, ...payout, id: "po_1" }]);
}

const required: Readonly<Record<string, string>> = {
  interval: "year",
  since: "2020-01-01T00:00:00Z",
  q: "evt_mine__1",
};
const objects: Readonly<Record<string, string>> = {
  event_id: "evt_mine__1",
  payment_intent: "pi_1",
  id: "po_1",
};
const values: Readonly<Record<string, readonly string[]>> = {
  source: ["shop", "default", "*"],
  account: ["acct_mine", "acct_other", "platform", "acct_platform", "*"],
  livemode: ["false", "true"],
};

/** Queries of a route: without the parameters of the scope, with each value of each of them, and with all values of all. */
function queriesOf(route: Route): Record<string, string>[] {
  const has = (name: string): boolean => Object.hasOwn(route.parameters, name);
  const needed = Object.fromEntries(Object.entries(required).filter(([name]) => has(name)));
  const scoped = Object.keys(values).filter(has);
  const singles = scoped.flatMap((name) => (values[name] ?? []).map((value) => ({ [name]: value })));
  const widest = Object.fromEntries(scoped.map((name) => [name, values[name]?.at(-1) ?? ""]));
  return [{}, ...singles, widest].map((query) => ({ ...needed, ...query }));
}

const pathOf = (route: Route): string =>
  route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => objects[name] ?? `no example of ${name}`);

describe("a token that is limited to a source, an account and a mode", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer({ installation, ...(tokens !== undefined && { tokens }) });
    await service.asSuperuser("select takings.register_source('shop', 'acct_shop')");
    await record(service, mine, "mine_");
    for (const [place, other] of others.entries()) await record(service, other, `foreign_${place}`);
  });

  after(() => service.close());

  const get = (path: string, token = "mine"): Promise<TestResponse> =>
    service.get(path, { headers: { authorization: `Bearer ${token}` } });

  it("finds nothing of others by an id", async () => {
    for (const id of ["evt_foreign_0_1", "txn_foreign_4", "foreign_1_2"]) {
      const { status, body } = await get(`/v1/search?q=${id}`);
      expect({ status, body }).to.deep.equal({ status: 200, body: { q: id, results: [] } });
    }
  });

  for (const route of routes) {
    it(`reads its own at ${route.path}, and nothing else whatever it asks for`, async () => {
      const formats = [
        "application/json",
        ...(route.rows === undefined ? [] : ["text/csv", "application/x-ndjson"]),
      ];
      for (const format of formats) {
        const queries = queriesOf(route);
        // Every format has the queries checked in the same place, so that the first and the last one are enough.
        const asked = format === "application/json" ? queries : [queries[0], queries.at(-1)];
        for (const [place, query] of asked.entries()) {
          const path = `${pathOf(route)}?${new URLSearchParams(query).toString()}`;
          const headers = { authorization: "Bearer mine", accept: format, connection: "close" };
          const response = await fetch(service.url + path, { headers });
          const text = await response.text();
          if (place === 0)
            expect([response.status, own.test(text)], `${path} ${text}`).to.deep.equal([200, true]);
          expect(response.status, path).to.be.oneOf([200, 400, 403, 404]);
          if (response.status === 200) expect(text, `${path} as ${format}`).to.not.match(foreign);
        }
      }
    });
  }

  it("is told by 403 what it may read when it asks for more", async () => {
    const { status, headers, body } = await get("/v1/revenue?account=*");
    expect([status, headers.get("content-type")]).to.deep.equal([
      403,
      "application/problem+json; charset=utf-8",
    ]);
    expect((body as { detail: string }).detail).to.equal(
      "The token may not read account=*. It may read only source shop, account acct_mine, livemode false: name one of these.",
    );
  });

  it("gets 404 for a single object of somebody else, as for one that does not exist", async () => {
    const [hidden, missing] = [await get("/v1/events/evt_foreign_0_1"), await get("/v1/events/evt_none")];
    expect([hidden.status, hidden.body]).to.deep.equal([404, missing.body]);
    expect((await get("/v1/events/evt_foreign_0_1?source=shop", "unlimited")).status).to.equal(200);
  });

  it("finds its own by an id that others have too, and nothing of others", async () => {
    const found = async (q: string): Promise<unknown> => (await get(`/v1/search?q=${q}`)).body;
    expect(await found("pi_1")).to.deep.equal({
      q: "pi_1",
      results: [{ kind: "payment", id: "pi_1", ...mine, link: "/v1/payments/pi_1?source=shop" }],
    });
    expect(await found("evt_foreign_0_1")).to.deep.equal({ q: "evt_foreign_0_1", results: [] });
  });

  it("gets 400 for bad values, as everyone", async () => {
    for (const query of ["livemode=maybe", "account=acct_mine&account=acct_mine", "source=Shop"])
      expect((await get(`/v1/ledger?${query}`)).status, query).to.equal(400);
  });

  it("reads no body where it is limited to events without them", async () => {
    expect((await get("/v1/events/evt_mine__1")).body).to.include({
      payload: null,
      payload_removed_at: null,
    });
    const { body } = await get("/v1/events/evt_mine__1?source=shop", "unlimited");
    expect(body).to.include({ payload: '{"name":"mine_"}' });
  });

  it("reads each of several accounts when it names one, and the platform when it names none", async () => {
    const statuses = async (token: string): Promise<number[]> => {
      const queries = ["", "account=platform", "account=acct_platform", "account=acct_mine", "account=*"];
      return Promise.all(queries.map(async (query) => (await get(`/v1/ledger?${query}`, token)).status));
    };
    expect(await statuses("two")).to.deep.equal([200, 200, 200, 200, 403]);
    expect(await statuses("named")).to.deep.equal([200, 200, 200, 403, 403]);
    expect((await get("/v1/events", "two")).status).to.equal(403);
    expect((await get("/v1/events/evt_foreign_4_1", "named")).status).to.equal(200);
  });

  it("reads single objects of a source whose own account it names, as it reads its lists", async () => {
    for (const path of ["/v1/ledger?account=acct_shop", "/v1/events/evt_foreign_1_1", "/v1/payments/pi_1"])
      expect((await get(path, "shop")).status, path).to.equal(200);
    expect((await get("/v1/events/evt_foreign_0_1", "shop")).status).to.equal(404);
    const { body } = await get("/v1/search?q=evt_foreign_1_1", "shop");
    expect((body as { results: unknown[] }).results).to.have.length(1);
  });

  it("sees the same on the page", async () => {
    const headers = { authorization: "Bearer mine" };
    const ledger = await openView(service.url, "/ledger", headers);
    expect(ledger.source).to.match(own).and.to.not.match(foreign);
    const more = await openView(service.url, "/ledger?account=*", headers);
    expect([more.status, more.headers.get("content-type")]).to.deep.equal([403, "text/html; charset=utf-8"]);
    const event = await openView(service.url, "/events/evt_mine__1", headers);
    expect([event.status, event.document.querySelectorAll("pre").length]).to.deep.equal([200, 0]);
    expect(event.text("main")).to.include("may not read bodies");
    const body = await openView(service.url, "/events/evt_mine__1/body?source=shop", headers);
    expect([body.status, body.headers.has("content-disposition")]).to.deep.equal([403, false]);
  });
});

describe("a list of events", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer({ installation });
    await service.asSuperuser("select takings.register_source('shop', 'acct_shop')");
    await service.writer.record([
      eventWithEntry({ eventId: "evt_1" }),
      eventWithEntry({ eventId: "evt_2", account: "acct_1", livemode: false }),
      eventWithEntry({ eventId: "evt_3", source: "shop" }),
    ]);
  });

  after(() => service.close());

  for (const [query, expected] of [
    ["", ["evt_1", "evt_2", "evt_3"]],
    ["account=*", ["evt_1", "evt_2", "evt_3"]],
    ["account=platform", ["evt_1", "evt_3"]],
    ["account=acct_shop", ["evt_3"]],
    ["account=acct_1", ["evt_2"]],
    ["livemode=true", ["evt_1", "evt_3"]],
    ["account=acct_1&livemode=true", []],
  ] as const) {
    it(`shows ${expected.join(", ") || "none"} for "${query}"`, async () => {
      const { body } = await service.get(`/v1/events?source=*&${query}`);
      const { events } = body as { events: { event_id: string }[] };
      expect(events.map((event) => event.event_id)).to.deep.equal(expected);
    });
  }
});
