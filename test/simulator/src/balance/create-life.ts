import type { BalanceLife, BalanceLifeOptions, LifePayout, LifeTransaction } from "./life.ts";
import { automaticPayouts, type AutomaticPayout, daysToFailure } from "./automatic-payouts.ts";
import { generateDay, type LifeDay } from "./life-day.ts";
import { createLifeIds, lifeTag } from "./life-ids.ts";
import { dayLength, type Draft, type LifePlan, longestWait } from "./life-plan.ts";

/** Days that are kept: enough for a payout, its return from the bank, and the days of their members. */
const keptDays = 32;

/** Payouts whose members are kept, because they are listed page by page. */
const keptMembers = 16;

/** The settlement currencies of a life that names none: two, no and three decimals. */
export const lifeCurrencies = ["usd", "eur", "gbp", "jpy", "kwd"] as const;

/** Creates a life. The same options give the same life on every machine. */
export function createBalanceLife({ tag, ...options }: BalanceLifeOptions): BalanceLife {
  const account = options.account ?? null;
  const plan: LifePlan = {
    currencies: lifeCurrencies,
    automaticPayouts: true,
    wrongNets: 0,
    remainderEvery: 0,
    ...options,
    account,
    ids: createLifeIds(tag ?? lifeTag(options.seed, account)),
  };
  const inLife = (day: number): boolean => day >= 0 && day < plan.days;
  const base = kept<LifeDay>(keptDays, (day) => generateDay(plan, day));
  const automatic: (day: number) => readonly AutomaticPayout[] = kept<readonly AutomaticPayout[]>(
    plan.days,
    (day) => automaticPayouts(plan, day, { drafts: (from) => base(from).drafts, automatic }),
  );
  const payoutIdOf = ({ payoutDay, currency }: Draft): string | null =>
    payoutDay === undefined || !plan.automaticPayouts || !inLife(payoutDay)
      ? null
      : plan.ids.payout(payoutDay, "a", plan.currencies.indexOf(currency));
  const transactionsOf = kept<readonly LifeTransaction[]>(keptDays, (day) => {
    const drafts: Draft[] = [...base(day).drafts, ...returnsOf(day)];
    const own = automatic(day).map((made) => made.own);
    return [...drafts.map((draft) => ({ ...draft, payout: payoutIdOf(draft) })), ...own].toSorted(byCreation);
  });
  function returnsOf(day: number): Draft[] {
    if (!inLife(day - daysToFailure)) return [];
    return automatic(day - daysToFailure).flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  }
  const payoutsOf = (day: number): readonly LifePayout[] =>
    [...base(day).payouts, ...automatic(day).map(({ payout }) => payout)].toSorted(byCreation);
  const find = <T extends { readonly id: string }>(
    id: string,
    of: (day: number) => readonly T[],
  ): T | undefined => {
    const day = plan.ids.dayOf(id);
    return day === undefined || !inLife(day) ? undefined : of(day).find((item) => item.id === id);
  };
  const membersOf = kept<readonly LifeTransaction[], string>(keptMembers, (payout) => {
    const day = plan.ids.dayOf(payout);
    if (day === undefined || !inLife(day)) return [];
    const days = Array.from({ length: longestWait + 1 }, (_, back) => day - longestWait + back);
    return days
      .filter(inLife)
      .flatMap((created) => transactionsOf(created).filter((transaction) => transaction.payout === payout));
  });
  return {
    account,
    from: plan.from,
    to: plan.from + plan.days * dayLength,
    days: plan.days,
    currencies: plan.currencies,
    transactionsOf: (day) => (inLife(day) ? transactionsOf(day) : []),
    payoutsOf: (day) => (inLife(day) ? payoutsOf(day) : []),
    transaction: (id) => find(id, transactionsOf),
    payout: (id) => find(id, payoutsOf),
    membersOf,
  };
}

function byCreation(
  a: { readonly created: number; readonly id: string },
  b: { readonly created: number; readonly id: string },
): number {
  return a.created - b.created || (a.id < b.id ? -1 : 1);
}

/** Makes a value once per key and keeps those that were asked for last. */
function kept<T, K = number>(count: number, make: (key: K) => T): (key: K) => T {
  const values = new Map<K, T>();
  return (key) => {
    const value = values.get(key) ?? make(key);
    values.delete(key);
    values.set(key, value);
    const oldest = values.keys().next().value;
    if (values.size > count && oldest !== undefined) values.delete(oldest);
    return value;
  };
}
