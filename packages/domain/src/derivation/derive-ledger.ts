import type { DerivedEntry } from "./derived-entry.ts";
import { disputeEntries } from "./disputes.ts";
import type { EventFacts } from "./event-facts.ts";
import { type Gap, paymentGap, refundGap } from "./gaps.ts";
import { readHistory } from "./history.ts";
import { paymentEntries } from "./payments.ts";
import { knownRefunds, refundEntries } from "./refunds.ts";
import { runningTotals, totalEntries } from "./running-totals.ts";

/** What a set of events of one account and mode says of its payments. */
export type DerivedLedger = { readonly entries: readonly DerivedEntry[]; readonly gaps: readonly Gap[] };

/**
 * The ledger as a function of the set of events that speak of a payment: their order and repetition never show. Events
 * of several payments may be given together; each payment's entries are what they are by themselves.
 */
export function deriveLedger(events: Iterable<EventFacts>): DerivedLedger {
  const history = readHistory(events);
  const refunds = knownRefunds(history);
  const totals = [...history.charges.keys()].map((charge) => ({
    charge,
    totals: runningTotals(history, charge, refunds),
  }));
  const entries = [
    ...paymentEntries(history),
    ...refundEntries(history, refunds),
    ...totals.flatMap((of) => totalEntries(history, of.charge, of.totals)),
    ...disputeEntries(history),
  ];
  const gaps = totals.flatMap((of) => [
    ...paymentGap(history, of.charge, entries),
    ...refundGap(history, of.charge, of.totals),
  ]);
  return { entries, gaps };
}
