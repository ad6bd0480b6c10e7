import { type Remainder, remainderOf } from "./captures.ts";
import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts, ShownRefund } from "./event-facts.ts";
import { isFromTransfer, isOwn, isRefundOf, type PaymentHistory, type Snapshot } from "./payment-history.ts";

/** The reason of the refund that Stripe makes when an uncaptured authorisation expires. */
export const expiredAuthorisation = "expired_uncaptured_charge";

const refundTypes = ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"];

/** A refund that is known by its id, from events about refunds. */
export type KnownRefund = {
  readonly id: string;
  readonly amount: bigint;
  readonly created: Date;
  /** The earliest event that shows it failed or canceled. */
  readonly failedBy: EventFacts | undefined;
  /** It only released money that was authorised and never captured. */
  readonly isRelease: boolean;
  /** Empty where it is not a refund of the account. */
  readonly entries: readonly DerivedEntry[];
};

/** The refunds known by id, including those that are not refunds of the account. */
export function knownRefunds(payment: PaymentHistory): readonly KnownRefund[] {
  if (payment.refunds.size === 0) return [];
  const release = releaseOf(payment, remainderOf(payment));
  return [...payment.refunds].flatMap(([id, snapshots]) => {
    const refundEvents = snapshots.filter(isRefundEvent);
    const [first] = refundEvents;
    if (first === undefined) return [];
    const { amount, currency, created } = first.seen;
    if (amount === undefined || currency === undefined || created === undefined) return [];
    const isRelease = id === release || isReleasedAuthorisation(payment, id, snapshots);
    const isOurs = !isRelease && !isMoneyOfOthers(payment, id, snapshots);
    const shared = { objectId: id, currency, paymentIntent: payment.intent };
    const refund = {
      kind: "refund" as const,
      amount: -amount,
      occurredAt: created,
      sourceEvent: first.event,
    };
    return [
      {
        id,
        amount,
        created,
        failedBy: snapshots.find(hasFailed)?.event,
        isRelease,
        entries: isOurs ? [{ ...shared, ...refund }, ...reversal(shared, refundEvents)] : [],
      },
    ];
  });
}

/** The reversal of a refund that failed or was canceled, so that the money came back. */
function reversal(
  shared: Pick<DerivedEntry, "objectId" | "currency" | "paymentIntent">,
  refundEvents: readonly Snapshot<ShownRefund>[],
): readonly DerivedEntry[] {
  const failed = refundEvents.find(hasFailed);
  if (failed?.seen.amount === undefined) return [];
  const { event, seen } = failed;
  const money = { amount: failed.seen.amount, currency: seen.currency ?? shared.currency };
  return [{ ...shared, kind: "refund_reversal", ...money, occurredAt: event.created, sourceEvent: event }];
}

/** Whether it is the mirror of a transfer reversal, or a payout of a customer's cash balance. */
function isMoneyOfOthers(
  payment: PaymentHistory,
  id: string,
  snapshots: readonly Snapshot<ShownRefund>[],
): boolean {
  return (
    snapshots.some(({ seen }) => seen.mirrorsTransferReversal || seen.paysOutCashBalance) ||
    [...payment.charges].some(([charge, seen]) => isRefundOf(payment, id, charge) && isFromTransfer(seen))
  );
}

/** Whether it only released an authorisation of which nothing was captured; see docs/revenue.md. */
function isReleasedAuthorisation(
  payment: PaymentHistory,
  id: string,
  snapshots: readonly Snapshot<ShownRefund>[],
): boolean {
  if (snapshots.some(({ seen }) => seen.reason === expiredAuthorisation)) return true;
  if (payment.intents.some(({ seen }) => seen.status === "canceled" && seen.amountReceived === 0n))
    return true;
  return [...payment.charges].some(
    ([charge, shown]) =>
      isRefundOf(payment, id, charge) &&
      shown.some(({ seen }) => seen.captured === false && (seen.amountRefunded ?? 0n) > 0n),
  );
}

/**
 * The refund by which a partial capture released the rest: of those of exactly that amount, without a reason and made
 * right after the capture, the earliest.
 */
function releaseOf({ refunds }: PaymentHistory, rest: Remainder | undefined): string | undefined {
  if (rest === undefined) return undefined;
  const candidates = [...refunds].flatMap(([id, snapshots]) => {
    const shown = snapshots.find(({ seen }) => seen.amount !== undefined && seen.created !== undefined);
    const made = shown?.seen.created?.getTime();
    const hasReason = snapshots.some(({ seen }) => seen.reason !== undefined);
    const isRest = !hasReason && shown?.seen.amount === rest.amount;
    return isRest && made !== undefined && made <= rest.releasedUntil ? [{ id, made }] : [];
  });
  return candidates.toSorted((a, b) => a.made - b.made || (a.id < b.id ? -1 : 1))[0]?.id;
}

function hasFailed({ seen }: Snapshot<ShownRefund>): boolean {
  return seen.status === "failed" || seen.status === "canceled";
}

function isRefundEvent(snapshot: Snapshot<ShownRefund>): boolean {
  const { event, seen } = snapshot;
  if (seen.amount === undefined || seen.amount === 0n) return false;
  // The refunds that the event's own charge lists.
  if (event.type === "charge.refunded") return seen.charge === event.objectId;
  return isOwn(snapshot, refundTypes);
}
