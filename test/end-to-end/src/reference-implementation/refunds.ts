import { type Entry, entry } from "./entries.ts";
import { amountOf, inOrder, maxOf, part, type Shown } from "./events.ts";
import { capturedOf, hasSucceeded, type ScopeView } from "./scope-view.ts";

/** A refund that the events of the table name, ours or not. */
export type KnownRefund = {
  readonly id: string;
  readonly amount: bigint;
  readonly created: number;
  /** The event that decides its entry, and the one that decides its reversal's. */
  readonly reported: Shown;
  readonly returned: Shown | undefined;
  /** When it had failed or been canceled at the latest. */
  readonly failedAt: number;
  readonly charges: readonly string[];
  readonly intent: string | undefined;
};

const refundTypes = ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"];

export function knownRefunds(view: ScopeView): KnownRefund[] {
  return reportedRefunds(view, view.shown.filter(isInTable));
}

/** Those too that only an event of another type shows. */
function shownRefunds(view: ScopeView): KnownRefund[] {
  return reportedRefunds(
    view,
    view.shown.filter(({ object }) => object === "refund"),
  );
}

function reportedRefunds(view: ScopeView, reports: readonly Shown[]): KnownRefund[] {
  const reported = inOrder(reports);
  const ids = [...new Set(reported.map(({ id }) => id))];
  return ids.flatMap((id) => {
    const mine = reported.filter((one) => one.id === id);
    const [first] = mine;
    if (first === undefined) return [];
    const everywhere = view.refunds(id);
    const charges = [...new Set(everywhere.flatMap(({ charge }) => charge ?? []))];
    const own = everywhere.find(({ intent }) => intent !== undefined)?.intent;
    const intent = own ?? charges.map(view.intentOfCharge).find((one) => one !== undefined);
    return [
      {
        id,
        amount: amountOf(first.body, "amount") ?? 0n,
        created: Number(first.body["created"]),
        reported: first,
        returned: mine.find(hasFailed),
        failedAt: everywhere.find(hasFailed)?.event.created ?? Number.POSITIVE_INFINITY,
        charges: charges.length > 0 || intent === undefined ? charges : view.chargesOfPayment(intent),
        intent,
      },
    ];
  });
}

function isInTable({ object, event, place, body }: Shown): boolean {
  if (object !== "refund" || (amountOf(body, "amount") ?? 0n) === 0n) return false;
  if (event.type === "charge.refunded") return place === "listed refund of the outermost charge";
  return place === "outermost" && refundTypes.includes(event.type);
}

function hasFailed({ body }: Shown): boolean {
  return body["status"] === "failed" || body["status"] === "canceled";
}

export function refundEntries(view: ScopeView, known: readonly KnownRefund[]): Entry[] {
  const real = known.filter(
    (refund) => !isTransferMirror(view, refund) && !isCashPaidOut(view, refund) && !isReleased(view, refund),
  );
  return real.flatMap(({ id, reported, returned, created, intent }) => {
    const fields = { object_id: id, payment_intent: reported.intent ?? intent };
    const amount = amountOf(reported.body, "amount") ?? 0n;
    const taken = entry(reported, { kind: "refund", ...fields, amount: -amount, occurred_at: created });
    if (returned === undefined) return [taken];
    const back = {
      object_id: id,
      payment_intent: returned.intent ?? intent,
      amount: amountOf(returned.body, "amount") ?? 0n,
    };
    return [taken, entry(returned, { kind: "refund_reversal", ...back })];
  });
}

function isTransferMirror(view: ScopeView, { id, charges }: KnownRefund): boolean {
  const isSet = view.refunds(id).some(({ body }) => (body["source_transfer_reversal"] ?? null) !== null);
  return isSet || charges.some(view.chargeHasTransfer);
}

function isCashPaidOut(view: ScopeView, { id }: KnownRefund): boolean {
  return view
    .refunds(id)
    .some(
      ({ body }) =>
        body["charge"] === null &&
        body["payment_intent"] === null &&
        part(body, "destination_details")["type"] !== "card",
    );
}

export function isReleased(view: ScopeView, refund: KnownRefund): boolean {
  const { id, charges, intent } = refund;
  const expired = view.refunds(id).some(({ body }) => body["reason"] === "expired_uncaptured_charge");
  const neverCaptured = charges
    .flatMap(view.charges)
    .some(({ body }) => body["captured"] === false && (amountOf(body, "amount_refunded") ?? 0n) > 0n);
  const canceled =
    intent !== undefined &&
    view
      .intents(intent)
      .some(({ body }) => body["status"] === "canceled" && amountOf(body, "amount_received") === 0n);
  return expired || neverCaptured || canceled || leftByPartialCapture(view, refund);
}

/** Whether it is the refund of what a partial capture left behind. */
function leftByPartialCapture(view: ScopeView, refund: KnownRefund): boolean {
  const payment = paymentOf(view, refund);
  const rest = payment === undefined ? undefined : remainderOf(view, payment);
  if (rest === undefined) return false;
  const [first] = shownRefunds(view)
    .filter(
      (one) =>
        paymentOf(view, one) === payment &&
        one.amount === rest.amount &&
        one.created <= rest.until &&
        view.refunds(one.id).every(({ body }) => (body["reason"] ?? null) === null),
    )
    .toSorted((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  return first?.id === refund.id;
}

export function paymentOf(view: ScopeView, { charges, intent }: KnownRefund): string | undefined {
  const [charge] = charges;
  return intent ?? (charge === undefined ? undefined : view.paymentOfCharge(charge));
}

/** What a partial capture left: how much, and until when a release of it can have been made. */
export function remainderOf(
  view: ScopeView,
  payment: string,
): { readonly amount: bigint; readonly until: number } | undefined {
  if (view.isMulticapture(payment)) return undefined;
  const charges = view.chargesOfPayment(payment).flatMap(view.charges);
  const intents = view.intents(payment).filter(hasSucceeded);
  const statements = inOrder([
    ...charges.map((by) => ({
      event: by.event,
      captured: capturedOf(by),
      amount: amountOf(by.body, "amount"),
    })),
    ...intents.map((by) => ({
      event: by.event,
      captured: amountOf(by.body, "amount_received"),
      amount: amountOf(by.body, "amount"),
    })),
  ]).flatMap(({ event, captured = 0n, amount }) =>
    captured > 0n && amount !== undefined ? [{ event, captured, amount }] : [],
  );
  const most = maxOf(statements.map(({ captured }) => captured));
  const last = statements.findLast(({ captured }) => captured === most);
  const [start] = inOrder([...charges.filter((by) => by.body["captured"] === true), ...intents]);
  if (last === undefined || start === undefined || last.amount <= last.captured) return undefined;
  return { amount: last.amount - last.captured, until: start.event.created + 60 };
}
