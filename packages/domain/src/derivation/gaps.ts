import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts } from "./event-facts.ts";
import { isFromTransfer, type PaymentHistory } from "./payment-history.ts";
import type { RunningTotal } from "./running-totals.ts";

/** Money that moved, as an event shows, but that no entry accounts for. */
export type Gap = {
  readonly kind: "payment" | "refund";
  /** The charge. */
  readonly objectId: string;
  readonly paymentIntent: string | undefined;
  readonly amount: bigint;
  readonly currency: string;
  /** The earliest event that shows it. */
  readonly seenBy: EventFacts;
};

/** The gap of a charge that some event shows as captured, while its payment is not counted. */
export function paymentGap(
  { intent: paymentIntent, charges }: PaymentHistory,
  charge: string,
  payments: readonly DerivedEntry[],
): readonly Gap[] {
  const snapshots = charges.get(charge) ?? [];
  const isCounted = payments.some(({ objectId }) => objectId === charge || objectId === paymentIntent);
  if (isCounted || isFromTransfer(snapshots)) return [];
  for (const { event, seen } of snapshots) {
    const { amountCaptured = 0n, currency, captured, status } = seen;
    const isPaid = captured === true && status === "succeeded" && seen.paymentIntent !== undefined;
    if (!isPaid || amountCaptured <= 0n || currency === undefined) continue;
    const found = { objectId: charge, paymentIntent, amount: amountCaptured, currency, seenBy: event };
    return [{ kind: "payment", ...found }];
  }
  return [];
}

/** The gap of a charge: what its last running total contains beyond the known refunds and the entries made from running totals. */
export function refundGap(
  { intent: paymentIntent }: PaymentHistory,
  charge: string,
  totals: readonly RunningTotal[],
  made: readonly DerivedEntry[],
): readonly Gap[] {
  let gap: Gap | undefined;
  for (const { event, currency, unexplained, makesEntries } of totals) {
    const counted = made.filter(({ occurredAt }) => occurredAt <= event.created);
    const amount = counted.reduce((rest, entry) => rest + entry.amount, unexplained);
    if (makesEntries || amount <= 0n || currency === undefined) {
      gap = undefined;
      continue;
    }
    const found = { objectId: charge, paymentIntent, amount, currency, seenBy: gap?.seenBy ?? event };
    gap = { kind: "refund", ...found };
  }
  return gap === undefined ? [] : [gap];
}
