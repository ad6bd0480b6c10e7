import { Temporal } from "temporal-polyfill";
import { HttpProblem } from "../../http/http-problem.ts";
import type { Entry } from "../../responses/entry.ts";
import type { BalanceResponse } from "../../routes/balance.ts";
import type { EventsResponse } from "../../routes/events.ts";
import type { GapsResponse } from "../../routes/gaps.ts";
import type { RevenueResponse } from "../../routes/revenue.ts";
import type { SeriesResponse } from "../../routes/revenue-series.ts";
import { momentOf } from "../../time/instant-text.ts";
import type { PageApi } from "../page-api.ts";
import { type ChangesSince, readChangesSince } from "./changes-since.ts";
import type { OverviewQuery } from "./overview-query.ts";
import { elapsedPart, neighbour, type Period, periodOf } from "./period.ts";
import { readRecentPayouts, type RecentPayouts } from "./recent-payouts.ts";

/** All that the overview shows, as of one instant. */
export type Overview = {
  readonly query: OverviewQuery;
  readonly revenue: RevenueResponse;
  /** The newest entry, whatever the range; `undefined` where there is none, and as of an earlier instant. */
  readonly newest: Entry | undefined;
  readonly series: SeriesResponse;
  /** The previous period, and the part of it that the totals are compared with; `undefined` where the range has none. */
  readonly compared:
    | { readonly whole: Period; readonly period: Period; readonly totals: RevenueResponse["totals"] }
    | undefined;
  /** Known missing money; `undefined` as of an earlier instant, which gaps are not recorded for. */
  readonly gaps: GapsResponse | undefined;
  /** Events in quarantine; `undefined` as of an earlier instant, and where the caller may not list events. */
  readonly quarantined: EventsResponse | undefined;
  readonly payouts: RecentPayouts;
  readonly balance: BalanceResponse;
  /** As of an earlier instant: what was recorded since. */
  readonly changes: ChangesSince | undefined;
};

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
  const now = Temporal.Instant.from(asOf);
  // Of a range that has not begun, nothing is to be compared.
  const hasBegun = shown !== undefined && Temporal.Instant.compare(shown.from, now) <= 0;
  const part = hasBegun && whole ? elapsedPart(whole, shown, now, zone) : undefined;
  const allTime = { ...pinned, from: undefined, to: undefined };
  const { account, livemode, source } = filter;
  const [series, previous, payouts, balance] = await Promise.all([
    api.series({ ...pinned, interval: query.interval }),
    part && api.revenue({ ...pinned, from: momentOf(part.from), to: momentOf(part.to) }),
    readRecentPayouts({
      read: (payoutQuery) => api.payouts({ ...allTime, ...payoutQuery }),
      ...payoutEnd(query, now),
      earliest,
    }),
    api.balance(allTime),
  ]);
  const [newest, gaps, quarantined, changes] = await Promise.all([
    isCurrent ? api.ledger({ ...allTime, order: "desc", limit: "1" }) : undefined,
    isCurrent ? api.gaps({ account, livemode, source, limit: "1000" }) : undefined,
    isCurrent
      ? // In any mode: what could not be understood may not state one, and a mode would leave it out.
        permitted(api.events({ status: "quarantined", account, source, limit: "1000" }))
      : undefined,
    isCurrent ? undefined : readChangesSince(api, filter, revenue),
  ]);
  return {
    query,
    revenue,
    newest: newest?.entries[0],
    series,
    compared: whole && part && previous && { whole, period: part, totals: previous.totals },
    gaps,
    quarantined,
    payouts,
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

/** The end of the range, or now while it is running: payouts on their way arrive later. */
function payoutEnd(
  { range: { to } }: OverviewQuery,
  now: Temporal.Instant,
): { readonly until: Temporal.Instant; readonly isOver: boolean } {
  return to !== undefined && Temporal.Instant.compare(to, now) < 0
    ? { until: to, isOver: true }
    : { until: now, isOver: false };
}
