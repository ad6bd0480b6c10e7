import type { Change } from "../../responses/change.ts";
import { type Money, moneyOf } from "../../responses/money.ts";
import type { Total } from "../../responses/total.ts";
import type { RevenueResponse } from "../../routes/revenue.ts";
import type { PageApi } from "../page-api.ts";

/** What one reason did to the net of a currency. */
type ReasonSum = { readonly why: Change["why"]; readonly count: number; readonly effect: Money };

/** How the total of a currency differs from the earlier one, and why. */
export type CurrencyDifference = {
  readonly currency: string;
  readonly before: Total | undefined;
  readonly after: Total | undefined;
  readonly difference: Money;
  readonly reasons: readonly ReasonSum[];
  /** What the difference has beyond the reasons: the effect of the changes that were not read. Nothing where all were. */
  readonly rest: Money | undefined;
};

/** What was recorded since a response. */
export type ChangesSince = {
  readonly since: string;
  /** The instant that it is compared with. */
  readonly until: string;
  readonly currencies: readonly CurrencyDifference[];
  /** The first ones. */
  readonly changes: readonly Change[];
  /** Whether there are more changes than were read: the sums of the reasons then lack those. */
  readonly hasMore: boolean;
};

const pageSize = 1_000;
const maxPages = 2;

/** Compares a response as of an earlier instant with the current one. @param filter the query of that response. */
export async function readChangesSince(
  api: PageApi,
  filter: Readonly<Record<string, string>>,
  then: RevenueResponse,
): Promise<ChangesSince> {
  const query = { ...filter, since: then.as_of, limit: String(pageSize) };
  let page = await api.changes(query);
  const changes: Change[] = [...page.changes];
  for (let pages = 1; pages < maxPages && page.next_cursor !== null; pages += 1) {
    page = await api.changes({ ...query, cursor: page.next_cursor });
    changes.push(...page.changes);
  }
  const hasMore = page.next_cursor !== null;
  const now = await api.revenue({ ...filter, as_recorded_at: page.as_of });
  return {
    since: then.as_of,
    until: page.as_of,
    currencies: differences(then.totals, now.totals, changes, hasMore),
    changes,
    hasMore,
  };
}

function differences(
  then: readonly Total[],
  now: readonly Total[],
  changes: readonly Change[],
  hasMore: boolean,
): CurrencyDifference[] {
  // Changes may cancel out, so a currency can have reasons and no difference, or totals and no change.
  const currencies = [...then, ...now, ...changes].map(({ currency }) => currency);
  return [...new Set(currencies)].toSorted().map((currency) => {
    const [before, after] = [then, now].map((totals) => totals.find((total) => total.currency === currency));
    const difference = BigInt(after?.net.minor ?? 0) - BigInt(before?.net.minor ?? 0);
    const own = changes.filter((change) => change.currency === currency);
    const read = own.reduce((sum, { effect }) => sum + BigInt(effect.minor), 0n);
    return {
      currency,
      before,
      after,
      difference: moneyOf(difference, currency),
      reasons: reasonsOf(own, currency),
      rest: hasMore ? moneyOf(difference - read, currency) : undefined,
    };
  });
}

function reasonsOf(changes: readonly Change[], currency: string): ReasonSum[] {
  const groups = [...Map.groupBy(changes, ({ why }) => why)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return groups.map(([why, group]) => {
    const effect = group.reduce((sum, { effect: { minor } }) => sum + BigInt(minor), 0n);
    return { why, count: group.length, effect: moneyOf(effect, currency) };
  });
}
