import { chargeSightings, isMulticapture, type Payment, paymentOf } from "./captures.ts";
import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts } from "./event-facts.ts";
import { type History, intentOfCharge, isFromTransfer } from "./history.ts";

/** What an event says that was received of a payment so far. */
type Received = { readonly event: EventFacts; readonly amount: bigint; readonly currency: string };

/** The payments: each PaymentIntent once, each charge without one once, each capture of a multicapture once. */
export function paymentEntries(history: History): readonly DerivedEntry[] {
  const intents = new Set([
    ...history.intents.keys(),
    ...[...history.charges.keys()].flatMap((charge) => intentOfCharge(history, charge) ?? []),
  ]);
  const lone = [...history.charges.keys()].filter(
    (charge) => intentOfCharge(history, charge) === undefined && !isFromTransfer(history, charge),
  );
  return [
    ...[...intents].flatMap((intent) => ofIntent(history, intent)),
    ...lone.flatMap((charge) => [...ofCharge(history, charge)]),
    ...lone.flatMap((charge) => returned(history, charge)),
  ];
}

function ofIntent(history: History, intent: string): readonly DerivedEntry[] {
  const payment = paymentOf(history, undefined, intent);
  const succeeded = (history.intents.get(intent) ?? []).flatMap(({ event, seen }) =>
    event.type === "payment_intent.succeeded" && event.objectId === intent
      ? received(event, seen.amountReceived, seen.currency)
      : [],
  );
  if (isMulticapture(history, payment)) {
    return captureEntries(intent, intent, [...capturesShown(history, payment), ...succeeded]);
  }
  return first(intent, intent, succeeded);
}

function ofCharge(history: History, charge: string): readonly DerivedEntry[] {
  const payment = paymentOf(history, charge, undefined);
  if (isMulticapture(history, payment)) {
    return captureEntries(charge, undefined, capturesShown(history, payment));
  }
  const spoken = (history.charges.get(charge) ?? []).flatMap(({ event, seen }) =>
    isOwn(event, charge, ["charge.succeeded", "charge.captured"]) && seen.captured === true
      ? received(event, seen.amountCaptured, seen.currency)
      : [],
  );
  return first(charge, undefined, spoken);
}

/** A bank's late return: `charge.failed` of a charge whose payment was counted takes all of it back. */
function returned(history: History, charge: string): readonly DerivedEntry[] {
  const paid = ofCharge(history, charge);
  const failed = (history.charges.get(charge) ?? []).find(({ event }) =>
    isOwn(event, charge, ["charge.failed"]),
  );
  const [payment] = paid;
  if (payment === undefined || failed === undefined) return [];
  const amount = -paid.reduce((sum, entry) => sum + entry.amount, 0n);
  const { event } = failed;
  return [
    { ...payment, kind: "refund", keyEvent: undefined, amount, occurredAt: event.created, decidedBy: event },
  ];
}

function capturesShown(history: History, payment: Payment): readonly Received[] {
  return chargeSightings(history, payment).flatMap(({ event, seen }) =>
    seen.captured === true && !isFromTransfer(history, seen.id)
      ? received(event, seen.amountCaptured, seen.currency)
      : [],
  );
}

/** The earliest word decides. */
function first(
  objectId: string,
  paymentIntent: string | undefined,
  said: readonly Received[],
): readonly DerivedEntry[] {
  const [earliest] = said;
  if (earliest === undefined) return [];
  const { event, amount, currency } = earliest;
  return [
    {
      kind: "payment",
      objectId,
      amount,
      currency,
      occurredAt: event.created,
      decidedBy: event,
      paymentIntent,
    },
  ];
}

/** Each rise of what was captured above the most so far is a payment of its own. */
function captureEntries(
  objectId: string,
  paymentIntent: string | undefined,
  said: readonly Received[],
): readonly DerivedEntry[] {
  let most = 0n;
  const entries = new Map<string, DerivedEntry>();
  for (const { event, amount, currency } of said.toSorted(byTimeAndAmount)) {
    if (amount <= most) continue;
    const more = (entries.get(event.eventId)?.amount ?? 0n) + amount - most;
    most = amount;
    entries.set(event.eventId, {
      kind: "payment",
      objectId,
      keyEvent: event.eventId,
      amount: more,
      currency,
      occurredAt: event.created,
      decidedBy: event,
      paymentIntent,
    });
  }
  return [...entries.values()];
}

function byTimeAndAmount(a: Received, b: Received): number {
  const byTime = a.event.order.created.getTime() - b.event.order.created.getTime();
  if (byTime !== 0) return byTime;
  if (a.amount !== b.amount) return a.amount < b.amount ? -1 : 1;
  return a.event.eventId < b.event.eventId ? -1 : 1;
}

function isOwn(event: EventFacts, objectId: string, types: readonly string[]): boolean {
  return event.objectId === objectId && types.includes(event.type);
}

function received(event: EventFacts, amount?: bigint, currency?: string): readonly Received[] {
  return amount === undefined || amount <= 0n || currency === undefined ? [] : [{ event, amount, currency }];
}
