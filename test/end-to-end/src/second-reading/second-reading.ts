import { currencyOf, type Entry, type Gap, whose } from "./entries.ts";
import { type Body, inOrder, tell } from "./events.ts";
import { disputeEntries } from "./disputes.ts";
import { lateReturns, paymentEntries } from "./payments.ts";
import { capturedOf, type Reading, read } from "./reading.ts";
import { knownRefunds, refundEntries } from "./refunds.ts";
import { refundGaps, runningTotalEntries } from "./running-totals.ts";

export type SecondReading = { readonly entries: readonly Entry[]; readonly gaps: readonly Gap[] };

/**
 * The ledger of a list of parsed event bodies, read from the ledger's rules and from nothing of the product: rule by
 * rule over the whole list, however slow. Every body must be one that can be understood.
 */
export function readAgain(bodies: readonly Body[], platform?: string): SecondReading {
  const once = [...new Map(bodies.map((body) => [body["id"], body])).values()];
  const told = once.map((body) => tell(body, platform));
  const owners = [...new Set(told.map(({ account, livemode }) => `${account} ${livemode}`))];
  const ledgers = owners.map((owner) =>
    readOwner(read(told.filter(({ account, livemode }) => `${account} ${livemode}` === owner))),
  );
  return {
    entries: ledgers.flatMap(({ entries }) => entries),
    gaps: ledgers.flatMap(({ gaps }) => gaps),
  };
}

function readOwner(reading: Reading): SecondReading {
  const payments = paymentEntries(reading);
  const known = knownRefunds(reading);
  const totals = runningTotalEntries(reading, known);
  const returns = lateReturns(reading, payments);
  const entries = [
    ...payments,
    ...returns,
    ...refundEntries(reading, known),
    ...totals,
    ...disputeEntries(reading),
  ];
  return { entries, gaps: [...paymentGaps(reading, payments), ...refundGaps(reading, known, totals)] };
}

/** A charge that was captured for a PaymentIntent of which no payment is known. */
function paymentGaps(reading: Reading, payments: readonly Entry[]): Gap[] {
  const proof = inOrder(
    reading.shown.filter(
      (one) =>
        one.object === "charge" &&
        (capturedOf(one) ?? 0n) > 0n &&
        one.body["status"] === "succeeded" &&
        one.intent !== undefined &&
        !reading.chargeHasTransfer(one.id) &&
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
      ...whose(by.event),
    }));
}
