import type { LifePayout, LifeTransaction } from "./life.ts";
import { dayLength, type Draft, type LifePlan, longestWait, movement, workingDay } from "./life-plan.ts";

/** An automatic payout with its transactions. */
export type AutomaticPayout = {
  readonly payout: LifePayout;
  readonly own: LifeTransaction;
  /** On the day {@link daysToFailure} after that of the payout. */
  readonly failure: Draft | undefined;
};

/** Days from the creation of a payout to its return from the bank. */
export const daysToFailure = 4;

/** The days that a payout depends on. */
export type EarlierDays = {
  drafts(day: number): readonly Draft[];
  automatic(day: number): readonly AutomaticPayout[];
};

/** The automatic payouts of a day: one per currency that has something to pay. */
export function automaticPayouts(plan: LifePlan, day: number, earlier: EarlierDays): AutomaticPayout[] {
  if (!plan.automaticPayouts || workingDay(plan, day) !== day) return [];
  const sums = new Map<string, bigint>();
  const add = ({ payoutDay, currency, net }: Draft): void => {
    if (payoutDay === day) sums.set(currency, (sums.get(currency) ?? 0n) + net);
  };
  for (let from = Math.max(0, day - longestWait); from <= day; from += 1)
    for (const draft of earlier.drafts(from)) add(draft);
  // A failed payout comes back after some days, and the first payout after a weekend takes what came back during it.
  for (let failed = Math.max(0, day - daysToFailure - 4); failed < day - daysToFailure; failed += 1)
    for (const { failure } of earlier.automatic(failed)) if (failure !== undefined) add(failure);
  return plan.currencies.flatMap((currency, index) => {
    const sum = sums.get(currency);
    return sum === undefined ? [] : [automaticPayout(plan, day, index, sum)];
  });
}

function fails(day: number, index: number): boolean {
  return (day * 7 + index * 3) % 23 === 0;
}

function automaticPayout(plan: LifePlan, day: number, index: number, sum: bigint): AutomaticPayout {
  const currency = plan.currencies[index] ?? "";
  const id = plan.ids.payout(day, "a", index);
  const created = plan.from + day * dayLength + 1_800 + index * 60;
  const midnight = (days: number): number => plan.from + (day + days) * dayLength;
  const remainder =
    plan.remainderEvery > 0 && (day * plan.currencies.length + index) % plan.remainderEvery === 0;
  const amount = sum + (remainder ? 7n : 0n);
  const arrivalDate = midnight(1 + ((day + index) % 3));
  const delayed = (day + index) % 11 === 4;
  const failing = fails(day, index) && day + daysToFailure < plan.days;
  const failedAt = failing ? midnight(daysToFailure) + 36_000 + index : undefined;
  const own = {
    ...movement(created, currency),
    id: plan.ids.transaction(day, "p", index),
    type: "payout",
    reportingCategory: "payout",
    amount: -amount,
    net: -amount,
    availableOn: arrivalDate,
    description: "STRIPE PAYOUT",
    source: { id, expanded: false },
    payout: id,
  };
  const failure =
    failedAt === undefined
      ? undefined
      : {
          ...movement(failedAt, currency),
          id: plan.ids.transaction(day + daysToFailure, "f", index),
          type: "payout_failure",
          reportingCategory: "payout_reversal",
          amount,
          net: amount,
          source: { id, expanded: false },
          payoutDay: workingDay(plan, day + daysToFailure + 1),
        };
  return {
    own,
    failure,
    payout: {
      id,
      amount,
      currency,
      created,
      automatic: true,
      instant: false,
      arrivalDate,
      laterArrival: delayed ? { from: created + 6 * 3_600, date: arrivalDate + dayLength } : undefined,
      sentAt: created + 3_600,
      end: { status: "paid", at: arrivalDate + (delayed ? dayLength : 0) },
      failedAt,
      reconciledAt: midnight(1) + 6 * 3_600,
      traceId: (day + index) % 4 === 0 ? null : `TRACE-${day}-${currency.toUpperCase()}`,
      transaction: own.id,
      failureTransaction: failure?.id ?? null,
    },
  };
}
