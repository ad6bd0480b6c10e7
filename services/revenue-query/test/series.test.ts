import { expect } from "chai";
import * as fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { unlimitedScope } from "@takings/runtime";
import { eventWithEntry } from "@takings/testkit";
import { seriesRoute } from "../src/routes/revenue-series.ts";
import type { RouteRequest } from "../src/routes/route.ts";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

/** More of them: FUZZ_CASES. */
const cases = Number(process.env["FUZZ_CASES"] ?? 30);

type Total = { readonly currency: string; readonly net: { readonly minor: string } };
type Series = { readonly buckets: readonly { start: string; end: string; totals: readonly Total[] }[] };

/** Times of payments, around every kind of clock change and in between. */
const times = [
  "2011-12-29T09:59:59Z",
  "2011-12-30T10:00:00Z",
  "2018-02-18T01:59:59Z",
  "2018-02-18T02:30:00Z",
  "2018-11-04T02:59:59Z",
  "2018-11-04T03:00:00Z",
  "2024-03-30T22:59:59Z",
  "2024-03-31T00:59:59Z",
  "2024-03-31T01:00:00Z",
  "2024-04-06T14:45:00Z",
  "2024-04-06T15:15:00Z",
  "2024-10-27T00:30:00Z",
  "2024-10-27T01:30:00Z",
  "2024-12-31T23:59:59Z",
];

function netOf(totals: readonly Total[]): bigint {
  return totals.reduce((sum, total) => sum + BigInt(total.net.minor), 0n);
}

describe("GET /v1/revenue/series", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await service.writer.record(
      times.map((at, index) => eventWithEntry({ eventId: `evt_${index}`, at, amount: 1n << BigInt(index) })),
    );
    await service.writer.record([
      eventWithEntry({ eventId: "evt_chf1", currency: "chf", amount: 10n, at: "2024-01-31T23:30:00Z" }),
      eventWithEntry({ eventId: "evt_chf2", currency: "chf", amount: 20n, at: "2024-04-15T12:00:00Z" }),
    ]);
  });

  after(() => service.close());

  async function series(query: string): Promise<Series> {
    const { status, body } = await service.get(`/v1/revenue/series?${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Series;
  }

  it("covers whole buckets from the first entry to the last when the range is open", async () => {
    const { buckets } = await series("interval=month&currency=chf&timezone=Europe/Berlin");
    const seen = buckets.map(({ start, end, totals }) => [start, end, netOf(totals)]);
    expect(seen).to.deep.equal([
      ["2024-02-01T00:00:00+01:00", "2024-03-01T00:00:00+01:00", 10n],
      ["2024-03-01T00:00:00+01:00", "2024-04-01T00:00:00+02:00", 0n],
      ["2024-04-01T00:00:00+02:00", "2024-05-01T00:00:00+02:00", 20n],
    ]);
  });

  it("includes empty buckets without totals", async () => {
    const { buckets } = await series("interval=day&from=2030-01-01&to=2030-01-03");
    expect(buckets).to.deep.equal([
      { start: "2030-01-01T00:00:00+00:00", end: "2030-01-02T00:00:00+00:00", totals: [] },
      { start: "2030-01-02T00:00:00+00:00", end: "2030-01-03T00:00:00+00:00", totals: [] },
    ]);
  });

  it("clips the first and last bucket to the range", async () => {
    const { buckets } = await series("interval=week&from=2024-05-15T06:00:00Z&to=2024-05-21T18:00:00Z");
    expect(buckets.map(({ start, end }) => [start, end])).to.deep.equal([
      ["2024-05-15T06:00:00+00:00", "2024-05-20T00:00:00+00:00"],
      ["2024-05-20T00:00:00+00:00", "2024-05-21T18:00:00+00:00"],
    ]);
  });

  it("has a day of 23 hours in spring", async () => {
    const { buckets } = await series("interval=day&from=2024-03-31&to=2024-04-01&timezone=Europe/Berlin");
    expect(buckets.map(({ start, end }) => [start, end])).to.deep.equal([
      ["2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"],
    ]);
  });

  it("has the same text as the object that the page shows", async () => {
    const installation = { defaultLivemode: true, stripeAccountId: undefined };
    const route = seriesRoute({ ...service, installation });
    const ask = (query: string): RouteRequest => ({
      search: new URLSearchParams(query),
      path: {},
      scope: unlimitedScope,
    });
    const { as_of } = await route.reply(ask("interval=year"));
    for (const query of [
      "interval=month",
      "interval=day&timezone=Europe/Berlin&currency=chf",
      "interval=day&source=*",
    ]) {
      const request = ask(`${query}&as_recorded_at=${as_of}`);
      const text = await route.json?.(request);
      expect(text?.toString(), query).to.equal(JSON.stringify(await route.reply(request)));
    }
  });

  it("has no buckets when an open range has no entry", async () => {
    expect((await series("interval=day&currency=xxx")).buckets).to.deep.equal([]);
  });

  it("has no buckets in an empty range", async () => {
    expect((await series("interval=day&from=2024-01-01&to=2024-01-01")).buckets).to.deep.equal([]);
  });

  it("echoes the query, with null for open ends", async () => {
    const { body } = await service.get("/v1/revenue/series?interval=year&from=2024-01-01&currency=chf");
    const { as_of: _, buckets: __, ...echo } = body as Record<string, unknown>;
    expect(echo).to.deep.equal({
      interval: "year",
      from: "2024-01-01T00:00:00Z",
      to: null,
      timezone: "UTC",
      livemode: true,
      source: "default",
      account: null,
    });
  });

  it("rejects more than ten thousand buckets", async () => {
    const { status, body } = await service.get(
      "/v1/revenue/series?interval=hour&from=0001-01-01&to=9999-12-31",
    );
    const { errors } = body as { errors: { parameter: string; detail: string }[] };
    expect([status, errors.map(({ parameter }) => parameter)]).to.deep.equal([400, ["interval"]]);
    expect(errors[0]?.detail).to.include("10000");
  });

  it("returns ten thousand buckets", async () => {
    const { buckets } = await series("interval=day&from=2000-01-01&to=2027-05-19&timezone=America/Sao_Paulo");
    expect(buckets).to.have.length(10_000);
  });

  it("adds up to the total of the same range, for any range, interval and time zone", async () => {
    const zones = [
      "Asia/Kathmandu",
      "Australia/Lord_Howe",
      "America/Sao_Paulo",
      "Pacific/Apia",
      "Europe/Berlin",
      "UTC",
    ];
    const edge = fc.option(
      fc.oneof(
        fc.constantFrom(...times),
        fc.integer({ min: Date.UTC(2011), max: Date.UTC(2025) }).map((ms) => new Date(ms).toISOString()),
        fc
          .integer({ min: 0, max: 5_000 })
          .map((day) => new Date(Date.UTC(2011, 5, day)).toISOString().slice(0, 10)),
      ),
      { nil: undefined },
    );
    const seriesQuery = fc.record({
      interval: fc.constantFrom("day", "week", "month", "quarter", "year"),
      timezone: fc.constantFrom(...zones),
      edges: fc.tuple(edge, edge),
    });
    await fc.assert(
      fc.asyncProperty(seriesQuery, async ({ interval, timezone, edges }) => {
        const [from, to] = edges;
        const [earlier, later] =
          from !== undefined && to !== undefined && from > to ? [to, from] : [from, to];
        const range = { ...(earlier && { from: earlier }), ...(later && { to: later }) };
        const query = new URLSearchParams({ timezone, ...range }).toString();
        const whole = await service.get(`/v1/revenue?${query}`);
        // A date and an instant may sort differently as text than as times.
        if (whole.status === 400) return;
        const { buckets } = await series(`interval=${interval}&${query}`);
        const summed = buckets.reduce((sum, { totals }) => sum + netOf(totals), 0n);
        expect(summed).to.equal(netOf((whole.body as { totals: Total[] }).totals));
        expect(buckets.slice(1).map(({ start }) => start)).to.deep.equal(
          buckets.slice(0, -1).map(({ end }) => end),
        );
      }),
      { numRuns: cases },
    );
  });

  it("adds up hour by hour across clock changes", async () => {
    const ranges = [
      ["Australia/Lord_Howe", "2024-04-05", "2024-04-09"],
      ["Pacific/Apia", "2011-12-28", "2012-01-02"],
      ["America/Sao_Paulo", "2018-02-16", "2018-02-20"],
      ["Asia/Kathmandu", "2024-03-29", "2024-04-02"],
    ];
    for (const [timezone = "", from = "", to = ""] of ranges) {
      const query = new URLSearchParams({ timezone, from, to }).toString();
      const whole = await service.get(`/v1/revenue?${query}`);
      const { buckets } = await series(`interval=hour&${query}`);
      const expected = netOf((whole.body as { totals: Total[] }).totals);
      expect(buckets.reduce((sum, { totals }) => sum + netOf(totals), 0n)).to.equal(expected);
    }
  });
});
