import { expect } from "chai";
import { describe, it } from "mocha";
import { Temporal } from "temporal-polyfill";
import { readRecentPayouts, type RecentPayouts } from "../../src/page/overview/recent-payouts.ts";
import type { PayoutRow } from "../../src/responses/payout.ts";
import type { PayoutsResponse } from "../../src/routes/payouts.ts";

const until = Temporal.Instant.from("2024-03-31T12:00:00Z");
const earliest = Temporal.Instant.from("0001-01-01T00:00:00Z");

/** Lists payouts as the API does: ascending, and `limit` of them from the cursor on. */
function readOf(perDay: number): (query: Readonly<Record<string, string>>) => Promise<PayoutsResponse> {
  const arrivals = Array.from({ length: 100 * perDay }, (_, n) =>
    until
      .round("hour")
      .subtract({ hours: 24 * (99 - Math.floor(n / perDay)) })
      .toString(),
  );
  return ({ from = "", cursor = "0", limit = "" }) => {
    const all = arrivals.filter((arrival) => arrival >= from);
    const end = Number(cursor) + Number(limit);
    const next = end < all.length ? String(end) : null;
    const payouts = all.slice(Number(cursor), end).map((arrival_date) => ({ arrival_date }) as PayoutRow);
    return Promise.resolve({ payouts, next_cursor: next } as unknown as PayoutsResponse);
  };
}

const recent = (perDay: number): Promise<RecentPayouts> =>
  readRecentPayouts({ read: readOf(perDay), until, isOver: false, earliest });

describe("recent payouts", () => {
  it("are all of 60 days, though these are several pages", async () => {
    const { rows, days, isPartial } = await recent(40);
    expect([rows.length, days, isPartial]).to.deep.equal([61 * 40, 60, false]);
    expect(rows.at(-1)?.arrival_date).to.equal("2024-03-31T12:00:00Z");
  });

  it("are those of fewer days where there are too many, the newest among them, and say so", async () => {
    const { rows, days, isPartial, hasMore } = await recent(600);
    expect([rows.length, days, isPartial, hasMore]).to.deep.equal([8 * 600, 7, true, false]);
    expect(rows.at(-1)?.arrival_date).to.equal("2024-03-31T12:00:00Z");
  });

  it("say that the newest are missing where too many arrive on one day", async () => {
    const { rows, days, hasMore } = await recent(2_000);
    expect([rows.length, days, hasMore]).to.deep.equal([5_000, 2, true]);
  });
});
