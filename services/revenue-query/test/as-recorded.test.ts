import { eventWithEntry, eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Total = { readonly currency: string; readonly net: { readonly minor: string } };
type Revenue = { readonly as_of: string; readonly totals: readonly Total[] };
type Ledger = {
  readonly as_of: string;
  readonly entries: readonly { readonly event_id: string }[];
  readonly next_cursor: string | null;
};
type Problem = { readonly errors: readonly { readonly parameter: string; readonly detail: string }[] };

describe("as_recorded_at", () => {
  let service: TestStoreServer;
  /** Read times: before any recording, then after each. */
  const moments: string[] = [];

  before(async () => {
    service = await startStoreServer();
    moments.push(await service.reader.safeReadTime());
    for (const said of [
      { eventId: "evt_3", objectId: "pi_1", amount: 100n, at: "2024-05-03T00:00:00Z" },
      { eventId: "evt_r", objectId: "re_1", kind: "refund", amount: 30n, at: "2024-05-03T00:00:00Z" },
      { eventId: "evt_1", objectId: "pi_1", amount: 110n, at: "2024-05-01T00:00:00Z" },
    ] as const) {
      await service.writer.record([eventWithEntry(said)]);
      moments.push(await service.reader.safeReadTime());
    }
  });

  after(() => service.close());

  async function fetchJson<Body>(path: string): Promise<Body> {
    const { status, body } = await service.get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Body;
  }

  const nets = ({ totals }: Pick<Revenue, "totals">): string[] => totals.map(({ net }) => net.minor);

  it("returns the total of that time", async () => {
    const seen = await Promise.all(
      moments.map(async (moment) => nets(await fetchJson<Revenue>(`/v1/revenue?as_recorded_at=${moment}`))),
    );
    expect(seen).to.deep.equal([[], ["100"], ["70"], ["80"]]);
  });

  it("returns the series of that time", async () => {
    const path = "/v1/revenue/series?interval=day&from=2024-05-01&to=2024-05-04&as_recorded_at=";
    const seen = await Promise.all(
      moments.map(async (moment) =>
        (await fetchJson<{ buckets: Revenue[] }>(path + moment)).buckets.map(nets),
      ),
    );
    expect(seen).to.deep.equal([
      [[], [], []],
      [[], [], ["100"]],
      [[], [], ["70"]],
      [["110"], [], ["-30"]],
    ]);
  });

  it("ends an open series at the last entry of that time", async () => {
    const path = `/v1/revenue/series?interval=day&as_recorded_at=${moments[1]}`;
    expect((await fetchJson<{ buckets: Revenue[] }>(path)).buckets.map(nets)).to.deep.equal([["100"]]);
  });

  it("returns the ledger of that time", async () => {
    const { entries } = await fetchJson<Ledger>(`/v1/ledger?as_recorded_at=${moments[1]}`);
    expect(entries.map(({ event_id }) => event_id)).to.deep.equal(["evt_3"]);
  });

  it("is echoed as as_of", async () => {
    const paths = ["/v1/revenue?", "/v1/revenue/series?interval=day&", "/v1/ledger?"];
    const seen = await Promise.all(
      paths.map(async (path) => (await fetchJson<Revenue>(`${path}as_recorded_at=${moments[2]}`)).as_of),
    );
    expect(seen).to.deep.equal([moments[2], moments[2], moments[2]]);
  });

  it("returns the same response again for the as_of of an earlier response", async () => {
    const first = await fetchJson<Revenue>("/v1/revenue?currency=usd");
    await service.writer.record([eventWithEntry({ eventId: "evt_later", objectId: "pi_later" })]);
    expect(await fetchJson<Revenue>(`/v1/revenue?currency=usd&as_recorded_at=${first.as_of}`)).to.deep.equal(
      first,
    );
  });

  it("keeps the same read time on all pages", async () => {
    const path = `/v1/ledger?limit=1&as_recorded_at=${moments[2]}`;
    const first = await fetchJson<Ledger>(path);
    const second = await fetchJson<Ledger>(`${path}&cursor=${first.next_cursor}`);
    expect([first.as_of, second.as_of, second.next_cursor]).to.deep.equal([moments[2], moments[2], null]);
    const ids = [...first.entries, ...second.entries].map(({ event_id }) => event_id);
    expect(ids).to.have.members(["evt_3", "evt_r"]);
  });

  it("rejects a cursor of another read time", async () => {
    const { next_cursor } = await fetchJson<Ledger>(`/v1/ledger?limit=1&as_recorded_at=${moments[2]}`);
    const { status } = await service.get(`/v1/ledger?limit=1&cursor=${next_cursor}`);
    expect(status).to.equal(400);
  });

  for (const path of ["/v1/revenue?", "/v1/revenue/series?interval=day&", "/v1/ledger?"]) {
    it(`is rejected by ${path.split("?")[0]} when it is in the future`, async () => {
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
      const { status, body } = await service.get(`${path}as_recorded_at=${tomorrow}`);
      const [error] = (body as Problem).errors;
      expect([status, error?.parameter, error?.detail.includes("safe read time")]).to.deep.equal([
        400,
        "as_recorded_at",
        true,
      ]);
    });
  }

  it("must be an instant", async () => {
    for (const given of ["2024-05-01", "", "now", "2024-05-01T00:00:00", "0000-12-31T00:00:00Z"]) {
      const { status, body } = await service.get(`/v1/revenue?as_recorded_at=${given}`);
      expect([status, (body as Problem).errors[0]?.parameter], given).to.deep.equal([400, "as_recorded_at"]);
    }
  });

  it("is rounded down to a microsecond", async () => {
    const given = "2024-05-01T02:00:00.1234569%2B02:00";
    expect((await fetchJson<Revenue>(`/v1/revenue?as_recorded_at=${given}`)).as_of).to.equal(
      "2024-05-01T00:00:00.123456Z",
    );
  });

  it("waits for a read time that is almost safe", async () => {
    await service.writer.record([]);
    const soon = new Date(Date.parse(await service.reader.safeReadTime()) + 100).toISOString();
    const pending = fetchJson<Revenue>(`/v1/revenue?as_recorded_at=${soon}`);
    await eventually("a recording after that time", async () => {
      await service.writer.record([]);
      return Date.parse(await service.reader.safeReadTime()) > Date.parse(soon);
    });
    expect(Date.parse((await pending).as_of)).to.equal(Date.parse(soon));
  });
});
