import { Temporal } from "temporal-polyfill";
import { HttpProblem } from "../../http/http-problem.ts";
import type { BalanceResponse } from "../../routes/balance.ts";
import type { EventsResponse } from "../../routes/events.ts";
import type { GapsResponse } from "../../routes/gaps.ts";
import type { PayoutsResponse } from "../../routes/payouts.ts";
import type { RevenueResponse } from "../../routes/revenue.ts";
import type { SeriesResponse } from "../../routes/revenue-series.ts";
import { momentOf } from "../../time/instant-text.ts";
import type { PageApi } from "../page-api.ts";
import { type ChangesSince, readChangesSince } from "./changes-since.ts";
import type { OverviewQuery } from "./overview-query.ts";
import { elapsedPart, neighbour, type Period, periodOf } from "./period.ts";

/** All that the overview shows, as of one instant. */
export type Overview = {
  readonly query: OverviewQuery;
  readonly revenue: RevenueResponse;
  readonly series: SeriesResponse;
  /** The previous period, and the part of it that the totals are compared with; `undefined` where the range has none. */
  readonly compared:
    | { readonly whole: Period; readonly period: Period; readonly totals: RevenueResponse["totals"] }
    | undefined;
  /** Known missing money; `undefined` as of an earlier instant, which gaps are not recorded for. */
  readonly gaps: GapsResponse | undefined;
  /** Events in quarantine; `undefined` as of an earlier instant, and where the caller may not list events. */
  readonly quarantined: EventsResponse | undefined;
  readonly payouts: PayoutsResponse;
  /** The link of the view of these payouts and later ones. */
  readonly payoutRange: { readonly from: string; readonly to?: string };
  readonly balance: BalanceResponse;
  /** As of an earlier instant: what was recorded since. */
  readonly changes: ChangesSince | undefined;
};

/** Payouts are listed by arrival, so the newest are found in the last ones of a range. */
const payoutDays = 60;
const earliest = Temporal.Instant.from("0001-01-01T00:00:00Z");

/**
 * Reads the overview. The first read determines the instant that all others are as of; it goes without one where none was asked
 * for, because only current answers say how far they are complete.
 */
export async function readOverview(api: PageApi, query: OverviewQuery): Promise<Overview> {
  const { filter, range, zone } = query;
  const isCurrent = query.recordedAt === undefined;
  const revenue = await api.revenue({ ...filter, as_recorded_at: query.recordedAt });
  const asOf = revenue.as_of;
  const pinned = { ...filter, as_recorded_at: asOf };
  const shown = periodOf(range);
  const whole = shown && neighbour(shown, -1, zone);
  const part = shown && whole && elapsedPart(whole, shown, Temporal.Instant.from(asOf), zone);
  const payoutRange = payoutRangeOf(query, asOf);
  const balanceScope = { ...pinned, from: undefined, to: undefined };
  const { account, livemode, source } = filter;
  const [series, previous, payouts, balance] = await Promise.all([
    api.series({ ...pinned, interval: query.interval }),
    part && api.revenue({ ...pinned, from: momentOf(part.from), to: momentOf(part.to) }),
    api.payouts({ ...balanceScope, ...payoutRange, limit: "1000" }),
    api.balance(balanceScope),
  ]);
  const [gaps, quarantined, changes] = await Promise.all([
    isCurrent ? api.gaps({ account, livemode, source, limit: "1000" }) : undefined,
    isCurrent
      ? permitted(api.events({ status: "quarantined", account, livemode, source, limit: "1000" }))
      : undefined,
    isCurrent ? undefined : readChangesSince(api, filter, revenue),
  ]);
  return {
    query,
    revenue,
    series,
    compared: whole && part && previous && { whole, period: part, totals: previous.totals },
    gaps,
    quarantined,
    payouts,
    payoutRange,
    balance,
    changes,
  };
}

/** Leaves out what the caller may not read: by default events are those of all accounts, unlike figures. */
async function permitted<Reply>(read: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 403) return undefined;
    throw error;
  }
}

/** The days up to the end of the range, or up to now and beyond while it is running: payouts on their way arrive later. */
function payoutRangeOf({ range: { to } }: OverviewQuery, asOf: string): Overview["payoutRange"] {
  const now = Temporal.Instant.from(asOf);
  const isOver = to !== undefined && Temporal.Instant.compare(to, now) < 0;
  const from = (isOver ? to : now).subtract({ hours: payoutDays * 24 });
  const ends = { from: momentOf(Temporal.Instant.compare(from, earliest) < 0 ? earliest : from) };
  return isOver ? { ...ends, to: momentOf(to) } : ends;
}
