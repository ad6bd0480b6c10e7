import { remainderOf } from "./captures.ts";
import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts, ShownCharge } from "./event-facts.ts";
import {
  byPrecedenceWithAmount,
  isFromTransfer,
  isRefundOf,
  type PaymentHistory,
  type Snapshot,
} from "./payment-history.ts";
import type { KnownRefund } from "./refunds.ts";

// With these API versions most refunds are visible only in the charge's running total.
// https://docs.stripe.com/changelog#2022-11-15 and https://docs.stripe.com/changelog/acacia/2024-10-28
const firstOfTotals = "2022-11-15";
const firstAfterTotals = "2024-10-28";

/** What a charge's running total contains at one event beyond the refunds known by id. */
export type RunningTotal = {
  readonly event: EventFacts;
  readonly currency: string | undefined;
  readonly unexplained: bigint;
  /** Whether the event's API version makes refund entries from it. */
  readonly makesEntries: boolean;
};

/**
 * The running totals of a charge, in the order of (`created`, `amount_refunded`, event id); none where nothing of it was
 * refunded.
 */
export function runningTotals(
  payment: PaymentHistory,
  charge: string,
  refunds: readonly KnownRefund[],
): readonly RunningTotal[] {
  const snapshots = payment.charges.get(charge) ?? [];
  if (!snapshots.some(({ seen }) => (seen.amountRefunded ?? 0n) > 0n)) return [];
  const known = refunds.filter(({ id }) => isRefundOf(payment, id, charge)).map(explainedBy);
  const released = releasedUnknown(payment, snapshots, refunds);
  const fromTransfer = isFromTransfer(snapshots);
  return snapshots
    .flatMap(({ event, seen }) =>
      seen.amountRefunded === undefined ? [] : [{ event, seen, amount: seen.amountRefunded }],
    )
    .toSorted(byPrecedenceWithAmount)
    .map(({ event, seen, amount }) => ({
      event,
      currency: seen.currency,
      unexplained:
        fromTransfer || seen.captured === false ? 0n : beyond(amount, explainedAt(event, known) + released),
      makesEntries: showsRefundsInTotals(event.apiVersion),
    }));
}

/** Each rise of the unexplained part above its highest so far, over the events whose version makes entries. */
export function totalEntries(
  { intent: paymentIntent }: PaymentHistory,
  charge: string,
  totals: readonly RunningTotal[],
): readonly DerivedEntry[] {
  let highest = 0n;
  return totals.flatMap(({ event, currency, unexplained, makesEntries }) => {
    if (!makesEntries || unexplained <= highest || currency === undefined) return [];
    const amount = highest - unexplained;
    highest = unexplained;
    return [
      {
        kind: "refund" as const,
        objectId: charge,
        keyEvent: event.eventId,
        amount,
        currency,
        occurredAt: event.created,
        sourceEvent: event,
        paymentIntent,
      },
    ];
  });
}

/** When a refund explains a part of the total, in ms since 1970: from its creation until it failed. */
type Explained = { readonly amount: bigint; readonly from: number; readonly until: number };

function explainedBy({ amount, created, failedBy }: KnownRefund): Explained {
  return { amount, from: created.getTime(), until: failedBy?.created.getTime() ?? Number.POSITIVE_INFINITY };
}

function explainedAt(event: EventFacts, known: readonly Explained[]): bigint {
  const now = event.created.getTime();
  let sum = 0n;
  for (const { amount, from, until } of known) if (from <= now && now < until) sum += amount;
  return sum;
}

function beyond(amount: bigint, explained: bigint): bigint {
  return amount > explained ? amount - explained : 0n;
}

/** The rest of a partial capture, where the running total contains it and no refund known by id is it. */
function releasedUnknown(
  payment: PaymentHistory,
  snapshots: readonly Snapshot<ShownCharge>[],
  known: readonly KnownRefund[],
): bigint {
  if (known.some(({ isRelease }) => isRelease)) return 0n;
  const rest = remainderOf(payment);
  if (rest === undefined) return 0n;
  const isShown = snapshots.some(
    ({ event, seen }) =>
      event.created.getTime() <= rest.releasedUntil && (seen.amountRefunded ?? 0n) >= rest.amount,
  );
  return isShown ? rest.amount : 0n;
}

/** Whether an API version shows most refunds only in running totals. */
export function showsRefundsInTotals(apiVersion: string | undefined): boolean {
  return apiVersion !== undefined && apiVersion >= firstOfTotals && apiVersion < firstAfterTotals;
}
