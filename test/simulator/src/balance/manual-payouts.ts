import type { Random } from "../random.ts";
import type { LifePayout } from "./life.ts";
import { dayLength, type Draft, type LifePlan, movement, payoutDayOf, type Slot } from "./life-plan.ts";
import type { ManualPayoutKind } from "./transaction-kinds.ts";

/**
 * A payout that a person makes, and its transactions. An instant one is a member of the next automatic payout, because it
 * took money from it; a manual one is paid from a top-up that no automatic payout takes. All happens within two hours.
 */
export function madeByHand(
  plan: LifePlan,
  random: Random,
  { day, number, created, currency }: Slot,
  kind: ManualPayoutKind,
): { readonly drafts: readonly Draft[]; readonly payout: LifePayout } {
  const size = BigInt(random.int(1_000, 90_000)) * (currency === "kwd" ? 10n : 1n);
  const instant = kind === "instant";
  const id = plan.ids.payout(day, "m", number);
  const arrivalDate = instant ? created + 1_800 : plan.from + (day + 3) * dayLength;
  const endsAt = kind === "canceled" ? created + 3_600 : arrivalDate;
  const transactionId = (part: number): string => plan.ids.transaction(day, "b", number * 4 + part);
  const draft = (part: number, changes: Partial<Draft>): Draft => ({
    ...movement(created + part * 1_200, currency),
    id: transactionId(part),
    source: { id, expanded: false },
    ...changes,
  });
  const out = draft(1, {
    type: "payout",
    reportingCategory: "payout",
    amount: -size,
    fee: instant ? size / 100n : 0n,
    net: -size - (instant ? size / 100n : 0n),
    payoutDay: instant ? payoutDayOf(plan, created + 1_200) : undefined,
  });
  const topup = draft(0, {
    type: "topup",
    reportingCategory: "topup",
    amount: size,
    net: size,
    source: { id: plan.ids.other("tu", day, number), expanded: false },
  });
  const back = draft(2, {
    type: kind === "canceled" ? "payout_cancel" : "payout_failure",
    reportingCategory: "payout_reversal",
    amount: size,
    net: size,
  });
  const returns = kind === "canceled" || kind === "failed";
  return {
    drafts: instant ? [out] : returns ? [topup, out, back] : [topup, out],
    payout: {
      id,
      amount: size,
      currency,
      created: out.created,
      automatic: false,
      instant,
      arrivalDate,
      laterArrival: undefined,
      sentAt: out.created + 600,
      end: {
        status: kind === "canceled" ? "canceled" : "paid",
        at: kind === "failed" ? out.created + 900 : endsAt,
      },
      failedAt: kind === "failed" ? back.created : undefined,
      reconciledAt: undefined,
      traceId: null,
      transaction: out.id,
      failureTransaction: returns ? back.id : null,
    },
  };
}
