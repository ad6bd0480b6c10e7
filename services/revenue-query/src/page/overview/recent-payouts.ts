import type { Temporal } from "temporal-polyfill";
import type { PayoutRow } from "../../responses/payout.ts";
import type { PayoutsResponse } from "../../routes/payouts.ts";
import { momentOf } from "../../time/instant-text.ts";

/** The newest payouts up to an instant, by their arrival. */
export type RecentPayouts = {
  /** Ascending by arrival. */
  readonly rows: readonly PayoutRow[];
  /** The range that they are of, as parameters of the view of them. */
  readonly range: { readonly from: string; readonly to?: string };
  readonly days: number;
  /** Whether an unexplained payout of the last {@link payoutDays} days may not be among them. */
  readonly isPartial: boolean;
  /** Whether there are later ones in the range: too many arrive on one day. */
  readonly hasMore: boolean;
};

/** What recent payouts are read with. */
export type RecentPayoutsOptions = {
  /** One page of the list, which ascends. */
  readonly read: (query: Readonly<Record<string, string>>) => Promise<PayoutsResponse>;
  /** The end of the days. */
  readonly until: Temporal.Instant;
  /** Whether payouts after the end are left out; else those on their way are read too. */
  readonly isOver: boolean;
  readonly earliest: Temporal.Instant;
};

/** How far back unexplained payouts are looked for. */
export const payoutDays = 60;
const pageSize = 1_000;
const maxPages = 5;
/** Payouts arrive at the start of a day, so a shorter range may have none. */
const fewestDays = 2;

/**
 * Reads the payouts of the last 60 days; where those are too many, of fewer days, because the list begins with the oldest and the
 * newest are to be shown.
 */
export async function readRecentPayouts(options: RecentPayoutsOptions): Promise<RecentPayouts> {
  let days = payoutDays;
  for (;;) {
    const range = rangeOf(options, days);
    const { rows, hasMore } = await readPages(options.read, range);
    if (!hasMore || days <= fewestDays) {
      return { rows, range, days, isPartial: hasMore || days < payoutDays, hasMore };
    }
    days = Math.max(fewestDays, Math.floor(days / 2));
  }
}

async function readPages(
  read: RecentPayoutsOptions["read"],
  range: RecentPayouts["range"],
): Promise<{ readonly rows: readonly PayoutRow[]; readonly hasMore: boolean }> {
  const query = { ...range, limit: String(pageSize) };
  let page = await read(query);
  const rows = [...page.payouts];
  for (let pages = 1; pages < maxPages && page.next_cursor !== null; pages += 1) {
    page = await read({ ...query, cursor: page.next_cursor });
    rows.push(...page.payouts);
  }
  return { rows, hasMore: page.next_cursor !== null };
}

function rangeOf({ until, isOver, earliest }: RecentPayoutsOptions, days: number): RecentPayouts["range"] {
  const start = until.subtract({ hours: days * 24 });
  const from = momentOf(start.epochNanoseconds < earliest.epochNanoseconds ? earliest : start);
  return isOver ? { from, to: momentOf(until) } : { from };
}
