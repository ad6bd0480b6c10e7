import type { EventFacts, ShownCharge, ShownPaymentIntent } from "./event-facts.ts";
import { chargesOfIntent, type History, intentOfCharge, type Sighting } from "./history.ts";

/** What belongs together as one payment: its PaymentIntent, where there is one, and the charges. */
export type Payment = { readonly intent: string | undefined; readonly charges: readonly string[] };

/** The payment that a charge or a PaymentIntent belongs to. */
export function paymentOf(history: History, charge: string | undefined, intent: string | undefined): Payment {
  const named = intent ?? (charge === undefined ? undefined : intentOfCharge(history, charge));
  if (named === undefined) return { intent: undefined, charges: charge === undefined ? [] : [charge] };
  return { intent: named, charges: chargesOfIntent(history, named) };
}

/** Sightings of a payment's charges, and of its PaymentIntent. */
export function chargeSightings(history: History, payment: Payment): readonly Sighting<ShownCharge>[] {
  return payment.charges.flatMap((charge) => history.charges.get(charge) ?? []);
}

export function intentSightings(history: History, payment: Payment): readonly Sighting<ShownPaymentIntent>[] {
  return payment.intent === undefined ? [] : (history.intents.get(payment.intent) ?? []);
}

/** Whether money moves at each capture, and not only once. https://docs.stripe.com/payments/multicapture */
export function isMulticapture(history: History, payment: Payment): boolean {
  return (
    chargeSightings(history, payment).some(({ seen }) => seen.multicapture) ||
    intentSightings(history, payment).some(
      ({ seen }) => seen.status === "requires_capture" && (seen.amountReceived ?? 0n) > 0n,
    )
  );
}

/** What a partial capture left of an authorisation, and when the capture was. */
export type Rest = { readonly amount: bigint; readonly capturedAt: Date };

type Captured = { readonly event: EventFacts; readonly amount: bigint; readonly captured: bigint };

/** The rest of a partial capture; `undefined` where there is none. A multicapture leaves none. */
export function restOf(history: History, payment: Payment): Rest | undefined {
  if (isMulticapture(history, payment)) return undefined;
  const charges = chargeSightings(history, payment).filter(({ seen }) => seen.captured === true);
  const intents = intentSightings(history, payment).filter(isSucceeded);
  const stated = [
    ...charges.flatMap(({ event, seen }) => captured(event, seen.amount, seen.amountCaptured)),
    ...intents.flatMap(({ event, seen }) => captured(event, seen.amount, seen.amountReceived)),
  ];
  const final = stated.reduce<Captured | undefined>(later, undefined);
  if (final === undefined || final.captured >= final.amount) return undefined;
  const times = [...charges, ...intents].map(({ event }) => event.created.getTime());
  return { amount: final.amount - final.captured, capturedAt: new Date(Math.min(...times)) };
}

function captured(event: EventFacts, amount?: bigint, received?: bigint): readonly Captured[] {
  return amount === undefined || received === undefined ? [] : [{ event, amount, captured: received }];
}

/** The one that shows more captured; of equals the last. */
function later(known: Captured | undefined, next: Captured): Captured {
  if (known === undefined || next.captured > known.captured) return next;
  if (next.captured < known.captured) return known;
  return isAfter(next.event, known.event) ? next : known;
}

function isAfter(a: EventFacts, b: EventFacts): boolean {
  const byTime = a.order.created.getTime() - b.order.created.getTime();
  return byTime > 0 || (byTime === 0 && a.eventId > b.eventId);
}

function isSucceeded({ event, seen }: Sighting<ShownPaymentIntent>): boolean {
  const isItsSuccess = event.type === "payment_intent.succeeded" && event.objectId === seen.id;
  return isItsSuccess || seen.status === "succeeded";
}
