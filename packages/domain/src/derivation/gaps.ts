import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts } from "./event-facts.ts";
import { type History, intentOfCharge, isFromTransfer } from "./history.ts";
import type { RunningTotal } from "./running-totals.ts";

/** Money of which an event proves that it moved, though no event says so that would count it. */
export type Gap = {
  readonly kind: "payment" | "refund";
  /** The charge. */
  readonly objectId: string;
  readonly paymentIntent: string | undefined;
  readonly amount: bigint;
  readonly currency: string;
  /** The earliest event that proves it. */
  readonly seenBy: EventFacts;
};

/** A charge whose capture some event shows, while nothing counts its payment. */
export function paymentGap(
  history: History,
  charge: string,
  entries: readonly DerivedEntry[],
): readonly Gap[] {
  const paymentIntent = intentOfCharge(history, charge);
  const isCounted = entries.some(
    ({ kind, objectId }) => kind === "payment" && (objectId === charge || objectId === paymentIntent),
  );
  if (isCounted || paymentIntent === undefined || isFromTransfer(history, charge)) return [];
  for (const { event, seen } of history.charges.get(charge) ?? []) {
    const { amountCaptured = 0n, currency, captured, status } = seen;
    const isPaid = captured === true && status === "succeeded" && seen.paymentIntent !== undefined;
    if (!isPaid || amountCaptured <= 0n || currency === undefined) continue;
    const found = { objectId: charge, paymentIntent, amount: amountCaptured, currency, seenBy: event };
    return [{ kind: "payment", ...found }];
  }
  return [];
}

/** What a charge's last running total says beyond every refund that is counted or known. */
export function refundGap(history: History, charge: string, totals: readonly RunningTotal[]): readonly Gap[] {
  let highest = 0n;
  let gap: Gap | undefined;
  for (const { event, currency, unexplained, makesEntries } of totals) {
    if (makesEntries && unexplained > highest) highest = unexplained;
    const amount = unexplained - highest;
    if (makesEntries || amount <= 0n || currency === undefined) {
      gap = undefined;
      continue;
    }
    const paymentIntent = intentOfCharge(history, charge);
    const found = { objectId: charge, paymentIntent, amount, currency, seenBy: gap?.seenBy ?? event };
    gap = { kind: "refund", ...found };
  }
  return gap === undefined ? [] : [gap];
}
