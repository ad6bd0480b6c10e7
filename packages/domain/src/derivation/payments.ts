import { isMulticapture } from "./captures.ts";
import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts } from "./event-facts.ts";
import {
  byPrecedenceWithAmount,
  isFromTransfer,
  isOwn,
  type PaymentHistory,
  type Snapshot,
} from "./payment-history.ts";

/** How much of a payment was received so far, as of one event. */
type Received = { readonly event: EventFacts; readonly amount: bigint; readonly currency: string };

/** The object of an entry; `paymentIntent` is that of the whole payment. */
type Paid = Pick<DerivedEntry, "objectId" | "paymentIntent">;

/** The payment entries: one per PaymentIntent, charge without a PaymentIntent, and capture of a multicapture. */
export function paymentEntries(payment: PaymentHistory): readonly DerivedEntry[] {
  const { intent: paymentIntent, charges } = payment;
  const standalone = [...charges.keys()].filter((charge) => isStandalone(payment, charge));
  const paid = isMulticapture(payment)
    ? captureEntries(payment)
    : [
        ...first({ objectId: paymentIntent ?? "", paymentIntent }, succeeded(payment)),
        ...standalone.flatMap((charge) =>
          first({ objectId: charge, paymentIntent }, standaloneReceipts(payment, charge)),
        ),
      ];
  return [...paid, ...standalone.flatMap((charge) => returned(payment, charge, paid))];
}

/** A charge that no event shows with a PaymentIntent or as the mirror of a transfer. */
function isStandalone({ charges }: PaymentHistory, charge: string): boolean {
  const snapshots = charges.get(charge) ?? [];
  return snapshots.every(({ seen }) => seen.paymentIntent === undefined) && !isFromTransfer(snapshots);
}

function succeeded({ intents }: PaymentHistory): readonly Received[] {
  return intents.flatMap((snapshot) =>
    isOwn(snapshot, ["payment_intent.succeeded"]) ? received(snapshot, snapshot.seen.amountReceived) : [],
  );
}

function standaloneReceipts({ charges }: PaymentHistory, charge: string): readonly Received[] {
  return (charges.get(charge) ?? []).flatMap((snapshot) =>
    isOwn(snapshot, ["charge.succeeded", "charge.captured"]) && snapshot.seen.captured === true
      ? received(snapshot, snapshot.seen.amountCaptured)
      : [],
  );
}

/** The earliest event takes precedence. */
function first(paid: Paid, [earliest]: readonly Received[]): readonly DerivedEntry[] {
  if (earliest === undefined) return [];
  const { event, amount, currency } = earliest;
  return [{ kind: "payment", ...paid, amount, currency, occurredAt: event.created, sourceEvent: event }];
}

/** Each rise of the captured amount above its highest so far is an entry. */
function captureEntries(payment: PaymentHistory): readonly DerivedEntry[] {
  const { intent: paymentIntent, charges } = payment;
  const captures = [...charges.values()]
    .filter((snapshots) => !isFromTransfer(snapshots))
    .flatMap((snapshots) => snapshots.filter(({ seen }) => seen.captured === true))
    .flatMap((snapshot) => received(snapshot, snapshot.seen.amountCaptured));
  const objectId = paymentIntent ?? [...charges.keys()][0] ?? "";
  let highest = 0n;
  const entries = new Map<string, DerivedEntry>();
  for (const { event, amount, currency } of [...captures, ...succeeded(payment)].toSorted(
    byPrecedenceWithAmount,
  )) {
    if (amount <= highest) continue;
    const more = (entries.get(event.eventId)?.amount ?? 0n) + amount - highest;
    highest = amount;
    entries.set(event.eventId, {
      kind: "payment",
      objectId,
      keyEvent: event.eventId,
      amount: more,
      currency,
      occurredAt: event.created,
      sourceEvent: event,
      paymentIntent,
    });
  }
  return [...entries.values()];
}

/** A bank's late return: `charge.failed` of a charge whose payment was counted refunds all of it. */
function returned(
  { charges }: PaymentHistory,
  charge: string,
  entries: readonly DerivedEntry[],
): readonly DerivedEntry[] {
  const failed = (charges.get(charge) ?? []).find((snapshot) => isOwn(snapshot, ["charge.failed"]));
  const paid = entries.filter(({ objectId }) => objectId === charge);
  const [payment] = paid;
  if (payment === undefined || failed === undefined) return [];
  const amount = -paid.reduce((sum, entry) => sum + entry.amount, 0n);
  const { event } = failed;
  return [
    {
      ...payment,
      kind: "refund",
      keyEvent: undefined,
      amount,
      occurredAt: event.created,
      sourceEvent: event,
    },
  ];
}

function received(
  { event, seen }: Snapshot & { readonly seen: { readonly currency: string | undefined } },
  amount: bigint | undefined,
): readonly Received[] {
  const { currency } = seen;
  return amount === undefined || amount <= 0n || currency === undefined ? [] : [{ event, amount, currency }];
}
