import { expect } from "chai";
import { describe, it } from "mocha";
import { createFormats } from "../../src/page/format/formats.ts";
import { createIntlFormats } from "../../src/page/format/intl-formats.ts";
import { gapsWarning } from "../../src/page/overview/attention.ts";
import { readChangesSince } from "../../src/page/overview/changes-since.ts";
import { changesSinceSection } from "../../src/page/overview/time-travel.ts";
import type { PageApi } from "../../src/page/page-api.ts";
import { moneyOf } from "../../src/responses/money.ts";
import type { GapsResponse } from "../../src/routes/gaps.ts";
import type { RevenueResponse } from "../../src/routes/revenue.ts";

const formats = createFormats("en-GB", createIntlFormats());
const textOf = (html: unknown): string =>
  String(html)
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");

describe("sums of what was read", () => {
  it("of gaps are at least that where there are more gaps", () => {
    const gap = { kind: "payment", currency: "usd", amount: moneyOf(1_250n, "usd") };
    const response = (next: string | null): GapsResponse =>
      ({ gaps: [gap], next_cursor: next }) as unknown as GapsResponse;
    expect(textOf(gapsWarning(response("more"), {}, formats))).to.include(
      "at least 1 payment in USD: at least US$12.50",
    );
    expect(textOf(gapsWarning(response(null), {}, formats))).not.to.include("at least");
  });

  it("of the reasons of a difference add up to it, with a row for the changes that were not read", async () => {
    const at = "2024-03-31T12:00:00Z";
    const revenue = (net: bigint): RevenueResponse =>
      ({
        as_of: at,
        totals: [{ currency: "usd", net: moneyOf(net, "usd"), ledger: "/v1/ledger?currency=usd" }],
      }) as unknown as RevenueResponse;
    const change = { currency: "usd", why: "refund", effect: moneyOf(-100n, "usd") };
    const api = {
      changes: () => Promise.resolve({ changes: [change], next_cursor: "more", as_of: at }),
      revenue: () => Promise.resolve(revenue(5_000n)),
    } as unknown as PageApi;
    const changes = await readChangesSince(api, {}, revenue(4_000n));
    const [usd] = changes.currencies;
    expect([usd?.difference.minor, usd?.reasons[0]?.effect.minor, usd?.rest?.minor]).to.deep.equal([
      "1000",
      "-200",
      "1200",
    ]);
    const section = textOf(
      changesSinceSection({ changes: { ...changes, changes: [] }, filter: {}, zone: "UTC", formats }),
    );
    expect(section).to.match(/USD later changes .*\+ US\$12\.00/);
  });
});
