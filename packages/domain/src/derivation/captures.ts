import type { EventFacts, ShownPaymentIntent } from "./event-facts.ts";
import {
  byPrecedence,
  byPrecedenceWithAmount,
  isOwn,
  type PaymentHistory,
  type Snapshot,
} from "./payment-history.ts";

/** Whether money can be captured several times. https://docs.stripe.com/payments/multicapture */
export function isMulticapture({ charges, intents }: PaymentHistory): boolean {
  for (const snapshots of charges.values()) if (snapshots.some(({ seen }) => seen.multicapture)) return true;
  return intents.some(({ seen }) => seen.status === "requires_capture" && (seen.amountReceived ?? 0n) > 0n);
}

/** What a partial capture left of an authorisation, and until when (ms since 1970) the capture can have released it. */
export type Remainder = { readonly amount: bigint; readonly releasedUntil: number };

/** A refund that was made by a capture is at most this much younger. */
export const releaseWindowMs = 60_000;

/** The rest of a partial capture; `undefined` where there is none. A multicapture leaves none. */
export function remainderOf(payment: PaymentHistory): Remainder | undefined {
  if (isMulticapture(payment)) return undefined;
  const stated = [
    ...[...payment.charges.values()]
      .flat()
      .filter(({ seen }) => seen.captured === true)
      .map(({ event, seen }) => ({ event, amount: seen.amountCaptured ?? 0n, whole: seen.amount })),
    ...payment.intents
      .filter(isSucceeded)
      .map(({ event, seen }) => ({ event, amount: seen.amountReceived ?? 0n, whole: seen.amount })),
  ];
  const captured = earliest(stated.map(({ event }) => event));
  const final = stated
    .filter(({ whole }) => whole !== undefined)
    .reduce((known, next) => (isMore(next, known) ? next : known), undefined as Captured | undefined);
  if (captured === undefined || final?.whole === undefined || final.amount >= final.whole) return undefined;
  return { amount: final.whole - final.amount, releasedUntil: captured.created.getTime() + releaseWindowMs };
}

type Captured = { readonly event: EventFacts; readonly amount: bigint; readonly whole: bigint | undefined };

/** Whether it shows more captured, or the same later. Events that show nothing captured are ignored. */
function isMore(next: Captured, known: Captured | undefined): boolean {
  if (known === undefined || next.amount !== known.amount) return next.amount > (known?.amount ?? 0n);
  return byPrecedenceWithAmount(next, known) > 0;
}

function earliest(events: readonly EventFacts[]): EventFacts | undefined {
  return events.toSorted(byPrecedence)[0];
}

function isSucceeded(snapshot: Snapshot<ShownPaymentIntent>): boolean {
  return snapshot.seen.status === "succeeded" || isOwn(snapshot, ["payment_intent.succeeded"]);
}
