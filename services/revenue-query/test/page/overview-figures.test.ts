import { entryKinds } from "@takings/domain";
import { eventWithEntry, type EntryFields } from "@takings/testkit";
import { expect } from "chai";
import * as fc from "fast-check";
import { after, before, describe, it } from "mocha";
import type { HTMLElement } from "node-html-parser";
import { type TestStoreServer, startStoreServer } from "../test-server.ts";
import { openView } from "./page-client.ts";

/** Raise it for a long run. */
const states = 50;

const figures = ["net", "gross", "refunded", "disputed"] as const;
type Total = { readonly currency: string; readonly ledger: string } & Readonly<
  Record<(typeof figures)[number], { readonly major: string }>
>;
type Revenue = { readonly totals: readonly Total[] };
type Series = { readonly buckets: readonly { readonly start: string; readonly totals: readonly Total[] }[] };

const day = (index: number): string => new Date(Date.UTC(2024, 2, 1 + index)).toISOString();

/** Few objects, so that refunds and reversals of one meet; some amounts no float can hold. */
const entryFields = fc
  .record({
    object: fc.integer({ min: 0, max: 5 }),
    kind: fc.constantFrom(...entryKinds),
    size: fc.oneof(fc.bigInt({ min: 1n, max: 100_000n }), fc.bigInt({ min: 2n ** 53n, max: 2n ** 55n })),
    currency: fc.constantFrom("usd", "eur", "jpy", "kwd"),
    day: fc.integer({ min: 0, max: 40 }),
    account: fc.constantFrom(null, null, "acct_1"),
  })
  .map(({ object, kind, size, currency, day: at, account }): Omit<EntryFields, "eventId"> => {
    const isTaken = kind === "refund" || kind === "dispute";
    return {
      objectId: `ob_${object}`,
      kind,
      amount: isTaken ? -size : size,
      currency,
      at: day(at),
      account,
      paymentIntent: `pi_${object}`,
    };
  });

const query = fc.record({
  from: fc.constantFrom("2024-03-01", "2024-03-05T06:00:00Z"),
  to: fc.constantFrom("2024-04-01", "2024-03-31T12:00:00Z", "2024-03-20"),
  interval: fc.constantFrom("day", "week", "month"),
  timezone: fc.constantFrom("UTC", "Europe/Berlin"),
  account: fc.constantFrom("*", "acct_1"),
  ledger: fc.array(entryFields, { maxLength: 12 }),
});

const figuresOf = (total: Total): string[] =>
  figures.map(
    (field) => `${total.currency} ${field} ${total[field].major} ${total.ledger.replace("/v1", "")}`,
  );

/** Each amount of these names within a part of a view, with where it leads. */
function shownIn(part: HTMLElement | null): string[] {
  return (part?.querySelectorAll("data") ?? []).flatMap((data) => {
    const field = data.getAttribute("data-field") ?? "";
    if (!figures.some((name) => name === field)) return [];
    const link = data.closest("a")?.getAttribute("href");
    return `${data.getAttribute("data-currency")} ${field} ${data.getAttribute("value")} ${link}`;
  });
}

/** Without the instant that it is as of, in which two reads differ. */
const unpinned = (all: readonly string[]): string[] =>
  all.map((text) => text.replace(/&as_recorded_at=.*$/, ""));

describe("the figures of the overview", () => {
  let service: TestStoreServer;
  let run = 0;

  before(async () => {
    service = await startStoreServer();
  });
  after(() => service.close());

  async function get<Body>(path: string): Promise<Body> {
    const { status, body } = await service.get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Body;
  }

  it("are those of the API, with the same entries behind them, for any ledger and query", async () => {
    await fc.assert(
      fc.asyncProperty(query, async ({ ledger, interval, ...filter }) => {
        run += 1;
        const source = `run-${run}`;
        await service.writer.record(
          ledger.map((entry, index) => eventWithEntry({ ...entry, source, eventId: `evt_${index}` })),
        );
        const scope = new URLSearchParams({ ...filter, source }).toString();
        const view = await openView(service.url, `/?${scope}&interval=${interval}`);
        const revenue = await get<Revenue>(`/v1/revenue?${scope}`);
        const series = await get<Series>(`/v1/revenue/series?${scope}&interval=${interval}`);
        const { document } = view;
        expect(unpinned(shownIn(document.querySelector(".totals table")))).to.deep.equal(
          unpinned(revenue.totals.flatMap(figuresOf)),
        );
        expect(unpinned(shownIn(document.querySelector(".breakdown table")))).to.deep.equal(
          unpinned(series.buckets.flatMap(({ totals }) => totals.flatMap(figuresOf))),
        );
        expect(view.links(".chart svg a")).to.have.length(
          series.buckets.reduce((sum, { totals }) => sum + totals.length, 0),
        );
      }),
      { numRuns: states },
    );
  }).timeout(states * 1_000);
});
