import { currencyOf, type Entry, entry, type Gap, scopeOf } from "./entries.ts";
import { amountOf, inOrder, maxOf, type Shown, sumOf, type ParsedEvent } from "./events.ts";
import type { ScopeView } from "./scope-view.ts";
import { isReleased, type KnownRefund, paymentOf, remainderOf } from "./refunds.ts";

/** The part of an event's running total that the refunds known by id do not explain. */
type Total = { readonly event: ParsedEvent; readonly by: Shown; readonly unexplained: bigint };

function totalsOf(view: ScopeView, known: readonly KnownRefund[], charge: string): Total[] {
  const showing = inOrder(
    view.charges(charge).filter((by) => amountOf(by.body, "amount_refunded") !== undefined),
    refundedOf,
  );
  const mine = known.filter(({ charges }) => charges.includes(charge));
  const released = releasedWithoutRefund(view, known, charge);
  return showing.map((by) => {
    const now = by.event.created;
    const made = mine.filter(({ created }) => created <= now);
    const failed = made.filter(({ failedAt }) => failedAt <= now);
    const isNone = by.body["captured"] === false || view.chargeHasTransfer(charge);
    const rest = refundedOf(by) - sum(made) + sum(failed) - released;
    return { event: by.event, by, unexplained: isNone ? 0n : maxOf([rest]) };
  });
}

/** The rest, where it was released and no refund known by id shows that. */
function releasedWithoutRefund(view: ScopeView, known: readonly KnownRefund[], charge: string): bigint {
  const payment = view.paymentOfCharge(charge);
  const rest = remainderOf(view, payment);
  if (rest === undefined) return 0n;
  const ofPayment = known.filter((one) => paymentOf(view, one) === payment);
  if (ofPayment.some((one) => isReleased(view, one))) return 0n;
  const isShown = view
    .charges(charge)
    .some((by) => by.event.created <= rest.until && refundedOf(by) >= rest.amount);
  return isShown ? rest.amount : 0n;
}

export function runningTotalEntries(view: ScopeView, known: readonly KnownRefund[]): Entry[] {
  return chargesOf(view).flatMap((charge) => {
    const totals = totalsOf(view, known, charge).filter(({ event }) => makesEntries(event));
    return totals.flatMap(({ by, unexplained }, index) => {
      const before = maxOf(totals.slice(0, index).map((total) => total.unexplained));
      if (unexplained <= before) return [];
      const amount = before - unexplained;
      const payment_intent = by.intent ?? view.intentOfCharge(charge);
      return [entry(by, { kind: "refund", object_id: charge, amount, payment_intent, keyed: true })];
    });
  });
}

/** Endpoints of these versions report most refunds in no other way. */
function makesEntries({ version }: ParsedEvent): boolean {
  return version >= "2022-11-15" && version < "2024-10-28";
}

export function refundGaps(view: ScopeView, known: readonly KnownRefund[], entries: readonly Entry[]): Gap[] {
  return chargesOf(view).flatMap((charge) => {
    const counted = entries.filter(
      ({ kind, object_id, key_event }) => kind === "refund" && object_id === charge && key_event !== null,
    );
    const totals = totalsOf(view, known, charge).map((total) => {
      const asKnown = counted.filter(({ occurred_at }) => occurred_at <= total.event.created);
      const missing = total.unexplained + sumOf(asKnown.map(({ amount }) => amount));
      // What such an event reports is an entry, so that nothing is missing.
      return { ...total, missing: makesEntries(total.event) ? 0n : maxOf([missing]) };
    });
    const last = totals.at(-1);
    if (last === undefined || last.missing === 0n) return [];
    const since = totals[totals.findLastIndex(({ missing }) => missing === 0n) + 1] ?? last;
    return [
      {
        kind: "refund" as const,
        object_id: charge,
        payment_intent: last.by.intent ?? view.intentOfCharge(charge) ?? null,
        amount: last.missing,
        currency: currencyOf(last.by),
        seen_at: since.event.created,
        event_id: since.event.id,
        ...scopeOf(last.event),
      },
    ];
  });
}

function chargesOf(view: ScopeView): string[] {
  return [...new Set(view.shown.filter(({ object }) => object === "charge").map(({ id }) => id))];
}

function refundedOf({ body }: Shown): bigint {
  return amountOf(body, "amount_refunded") ?? 0n;
}

function sum(refunds: readonly KnownRefund[]): bigint {
  return sumOf(refunds.map(({ amount }) => amount));
}
