import { currencyOf, type Entry, type Gap, scopeOf } from "./entries.ts";
import { type Body, inOrder, parseEvent } from "./events.ts";
import { disputeEntries } from "./disputes.ts";
import { lateReturns, paymentEntries } from "./payments.ts";
import { capturedOf, type ScopeView, viewOf } from "./scope-view.ts";
import { knownRefunds, refundEntries } from "./refunds.ts";
import { refundGaps, runningTotalEntries } from "./running-totals.ts";

export type ReferenceLedger = { readonly entries: readonly Entry[]; readonly gaps: readonly Gap[] };

/**
 * The ledger of a list of parsed event bodies, implemented from the written rules and independently of the product:
 * rule by rule over the whole list, without regard to speed. Every body must be valid.
 */
export function referenceLedger(bodies: readonly Body[], platform?: string): ReferenceLedger {
  const once = [...new Map(bodies.map((body) => [body["id"], body])).values()];
  const reported = once.map((body) => parseEvent(body, platform));
  const owners = [...new Set(reported.map(({ account, livemode }) => `${account} ${livemode}`))];
  const ledgers = owners.map((owner) =>
    deriveScope(viewOf(reported.filter(({ account, livemode }) => `${account} ${livemode}` === owner))),
  );
  return {
    entries: ledgers.flatMap(({ entries }) => entries),
    gaps: ledgers.flatMap(({ gaps }) => gaps),
  };
}

function deriveScope(view: ScopeView): ReferenceLedger {
  const payments = paymentEntries(view);
  const known = knownRefunds(view);
  const totals = runningTotalEntries(view, known);
  const returns = lateReturns(view, payments);
  const entries = [
    ...payments,
    ...returns,
    ...refundEntries(view, known),
    ...totals,
    ...disputeEntries(view),
  ];
  return { entries, gaps: [...paymentGaps(view, payments), ...refundGaps(view, known, totals)] };
}

/** A charge that was captured for a PaymentIntent of which no payment is known. */
function paymentGaps(view: ScopeView, payments: readonly Entry[]): Gap[] {
  const proof = inOrder(
    view.shown.filter(
      (one) =>
        one.object === "charge" &&
        (capturedOf(one) ?? 0n) > 0n &&
        one.body["status"] === "succeeded" &&
        one.intent !== undefined &&
        !view.chargeHasTransfer(one.id) &&
        !payments.some(({ object_id }) => object_id === one.intent || object_id === one.id),
    ),
  );
  return proof
    .filter((one, index) => proof.findIndex(({ id }) => id === one.id) === index)
    .map((by) => ({
      kind: "payment" as const,
      object_id: by.id,
      payment_intent: by.intent ?? null,
      amount: capturedOf(by) ?? 0n,
      currency: currencyOf(by),
      seen_at: by.event.created,
      event_id: by.event.id,
      ...scopeOf(by.event),
    }));
}
