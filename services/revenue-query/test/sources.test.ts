import { eventWithCharge, eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { startStoreServer, type TestStoreServer } from "./test-server.ts";

type Row = { readonly source: string; readonly id?: string; readonly event_id: string };
type Page = Readonly<Record<string, readonly Row[]>> & { readonly next_cursor: string | null };
type Totals = {
  readonly source: string;
  readonly totals: readonly { readonly net: unknown; readonly ledger: string }[];
};

const lists = [
  { path: "/v1/ledger?", rows: "entries" },
  { path: "/v1/events?", rows: "events" },
  { path: "/v1/gaps?", rows: "gaps" },
  { path: "/v1/revenue/changes?since=2020-01-01T00:00:00Z&", rows: "changes" },
] as const;

describe("answers about several sources with the same ids", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await service.asSuperuser("insert into takings.sources values ('shop', 'acct_shop')");
    const at = new Date("2024-05-01T00:00:00Z");
    await service.writer.record(
      ["default", "shop", "other"].flatMap((source, place) => [
        eventWithEntry({
          source,
          eventId: "evt_1",
          objectId: "pi_1",
          amount: 10n ** BigInt(place),
          payload: source,
        }),
        eventWithEntry({ source, eventId: "evt_2", objectId: "pi_2", currency: "eur" }),
        eventWithCharge({ source, id: "3", at }),
      ]),
    );
  });

  after(() => service.close());

  async function get<Body>(path: string): Promise<Body> {
    const { status, body } = await service.get(path);
    expect(status, `${path} ${JSON.stringify(body)}`).to.equal(200);
    return body as Body;
  }

  const netOf = async (query: string): Promise<unknown> => {
    const { source, totals } = await get<Totals>(`/v1/revenue?currency=usd&${query}`);
    return [source, totals.map(({ net }) => (net as { minor: string }).minor)];
  };

  it("add up one source, by default the default one, or all of them, and say which", async () => {
    expect(await netOf("")).to.deep.equal(["default", ["1"]]);
    expect(await netOf("source=shop")).to.deep.equal(["shop", ["10"]]);
    expect(await netOf("source=*")).to.deep.equal(["*", ["111"]]);
    expect(await netOf("source=nobody")).to.deep.equal(["nobody", []]);
    expect(await netOf("source=shop&account=acct_shop")).to.deep.equal(["shop", ["10"]]);
    expect(await netOf("source=*&account=acct_shop")).to.deep.equal(["*", ["10"]]);
    expect(await netOf("account=acct_shop")).to.deep.equal(["default", []]);
  });

  it("sum the buckets of a series over all sources", async () => {
    const { source, buckets } = await get<{ source: string; buckets: Totals[] }>(
      "/v1/revenue/series?interval=year&currency=usd&source=*",
    );
    const nets = buckets.map(({ totals }) => totals.map(({ net }) => (net as { minor: string }).minor));
    expect([source, nets]).to.deep.equal(["*", [["111"]]]);
  });

  it("link to the entries of the same source", async () => {
    for (const [query, expected] of [
      ["", ["default"]],
      ["source=shop", ["shop"]],
      ["source=*", ["default", "other", "shop"]],
    ] as const) {
      const [total] = (await get<Totals>(`/v1/revenue?currency=usd&${query}`)).totals;
      const { entries = [] } = await get<Page>(total?.ledger ?? "");
      expect(entries.map(({ source }) => source).toSorted(), query).to.deep.equal(expected);
    }
  });

  for (const { path, rows } of lists) {
    it(`show ${rows} of one source or all, each row once on pages of any size and with its source`, async () => {
      const sourceOf = (row: Row): string => row.source;
      const whole = await get<Page>(`${path}source=*`);
      const count = (whole[rows]?.length ?? 0) / 3;
      expect(Map.groupBy(whole[rows] ?? [], sourceOf)).to.have.all.keys("default", "shop", "other");
      const paged: Row[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page: Page = await get<Page>(`${path}source=*&limit=2${cursor && `&cursor=${cursor}`}`);
        paged.push(...(page[rows] ?? []));
        cursor = page.next_cursor;
      }
      expect(paged).to.deep.equal(whole[rows]);
      for (const [query, source] of [
        ["", "default"],
        ["source=shop", "shop"],
      ] as const) {
        const page = await get<Page>(`${path}${query}`);
        expect(page[rows]?.map(sourceOf), query).to.deep.equal(Array.from({ length: count }, () => source));
      }
      expect((await get<Page>(`${path}source=nobody`))[rows]).to.deep.equal([]);
      const { next_cursor: cursor } = await get<Page>(`${path}source=*&limit=1`);
      expect((await service.get(`${path}source=shop&limit=1&cursor=${cursor}`)).status).to.equal(400);
    });
  }

  it("show one event and one payment of the source that is named", async () => {
    for (const [query, source] of [
      ["", "default"],
      ["?source=shop", "shop"],
    ] as const) {
      expect(await get(`/v1/events/evt_1${query}`)).to.include({ source, payload: source });
      const payment = await get<Page>(`/v1/payments/pi_1${query}`);
      expect(payment).to.include({ source });
      for (const rows of [payment["entries"], payment["events"]])
        expect(rows?.map((row) => row.source)).to.deep.equal([source]);
    }
    expect((await service.get("/v1/events/evt_1?source=nobody")).status).to.equal(404);
    expect((await service.get("/v1/payments/pi_1?source=nobody")).status).to.equal(404);
  });

  it("are refused with the parameter's name for what is no name, and for all sources of a single object", async () => {
    const paths = [
      ...lists.map(({ path }) => path),
      "/v1/revenue?",
      "/v1/events/evt_1?",
      "/v1/payments/pi_1?",
    ].flatMap((path) => ["Shop", "a_b", "", "a".repeat(41), "**"].map((name) => `${path}source=${name}`));
    for (const path of [...paths, "/v1/events/evt_1?source=*", "/v1/payments/pi_1?source=*"]) {
      const { status, body } = await service.get(path);
      const { errors } = body as { errors: { parameter: string }[] };
      expect([status, errors.map(({ parameter }) => parameter)], path).to.deep.equal([400, ["source"]]);
    }
  });
});
