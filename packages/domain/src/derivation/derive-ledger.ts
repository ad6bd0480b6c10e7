import type { DerivedEntry } from "./derived-entry.ts";
import { disputeEntries } from "./disputes.ts";
import type { EventFacts } from "./event-facts.ts";
import { type Gap, paymentGap, refundGap } from "./gaps.ts";
import { type PaymentHistory, groupByPayment } from "./payment-history.ts";
import { paymentEntries } from "./payments.ts";
import { knownRefunds } from "./refunds.ts";
import { runningTotals, totalEntries } from "./running-totals.ts";

/** What a set of events of one scope makes: entries and gaps. */
export type DerivedLedger = { readonly entries: readonly DerivedEntry[]; readonly gaps: readonly Gap[] };

/**
 * The ledger as a function of a set of events: their order and repetition make no difference. The events may be about
 * several payments, which do not influence each other.
 */
export function deriveLedger(events: Iterable<EventFacts>): DerivedLedger {
  const ledgers = groupByPayment(events).map(derivePayment);
  return {
    entries: ledgers.flatMap(({ entries }) => entries),
    gaps: ledgers.flatMap(({ gaps }) => gaps),
  };
}

function derivePayment(payment: PaymentHistory): DerivedLedger {
  const payments = paymentEntries(payment);
  const refunds = knownRefunds(payment);
  const charges = [...payment.charges.keys()].map((charge) => {
    const totals = runningTotals(payment, charge, refunds);
    const made = totalEntries(payment, charge, totals);
    const gaps = [...paymentGap(payment, charge, payments), ...refundGap(payment, charge, totals, made)];
    return { made, gaps };
  });
  return {
    entries: [
      ...payments,
      ...refunds.flatMap(({ entries }) => entries),
      ...charges.flatMap(({ made }) => made),
      ...disputeEntries(payment),
    ],
    gaps: charges.flatMap(({ gaps }) => gaps),
  };
}
