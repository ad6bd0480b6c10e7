import type { BalanceLifeOptions, LifeTransaction } from "./life.ts";
import type { LifeIds } from "./life-ids.ts";

/** The seconds of a day. */
export const dayLength = 86_400;

/** No transaction is taken by a payout more than this many days after its creation. */
export const longestWait = 12;

/** A transaction before it is known which payout exists to hold it. */
export type Draft = LifeTransaction & {
  /** The day of the automatic payout that takes it; `undefined`: none ever does. */
  readonly payoutDay: number | undefined;
};

/** What the days of one life have in common. */
export type LifePlan = Required<Omit<BalanceLifeOptions, "tag">> & { readonly ids: LifeIds };

/** A place in a life: the number of a transaction among all, and its day. */
export type Slot = {
  readonly day: number;
  readonly number: number;
  readonly created: number;
  readonly currency: string;
};

/** The day of the payout that takes what is available at a time: the next working day, if not that day itself. */
export function payoutDayOf(plan: LifePlan, availableOn: number): number {
  return workingDay(plan, Math.ceil((availableOn - plan.from) / dayLength));
}

/** The day itself, or the Monday after a weekend. */
export function workingDay(plan: LifePlan, day: number): number {
  // Day 0 of Unix time was a Thursday.
  const weekday = (Math.floor(plan.from / dayLength) + day + 4) % 7;
  return weekday === 6 ? day + 2 : weekday === 0 ? day + 1 : day;
}

/** A transaction without an amount that is available at once. */
export function movement(created: number, currency: string): Omit<Draft, "id" | "source"> {
  return {
    type: "adjustment",
    reportingCategory: "other_adjustment",
    amount: 0n,
    fee: 0n,
    net: 0n,
    applicationFee: 0n,
    currency,
    created,
    availableOn: created,
    visibleFrom: created,
    balanceType: undefined,
    description: null,
    laterDescription: undefined,
    exchangeRate: null,
    payment: undefined,
    payout: null,
    payoutDay: undefined,
  };
}
