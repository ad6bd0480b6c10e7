import { intentSightings, paymentOf, type Rest, restOf } from "./captures.ts";
import type { DerivedEntry } from "./derived-entry.ts";
import type { ShownRefund } from "./event-facts.ts";
import {
  chargeOfRefund,
  firstNamed,
  type History,
  intentOfRefund,
  isFromTransfer,
  type Sighting,
} from "./history.ts";

const refundTypes: ReadonlySet<string> = new Set([
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.refund.updated",
]);
/** A refund that a capture made is at most this much younger than the capture. */
const releaseMs = 60_000;

/** A refund that is known by its id, from the events that speak of refunds. */
export type KnownRefund = {
  readonly id: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly created: Date;
  readonly charge: string | undefined;
  readonly intent: string | undefined;
  readonly said: Sighting<ShownRefund>;
  /** The earliest word that it failed or was canceled, by `created`. */
  readonly failed: Sighting<ShownRefund> | undefined;
};

/** The refunds known by id, whether or not they are refunds of ours. */
export function knownRefunds(history: History): readonly KnownRefund[] {
  return [...history.refunds].flatMap(([id, sightings]) => {
    const spoken = sightings.filter(speaks);
    const [said] = spoken;
    if (said === undefined) return [];
    const { amount, currency, created } = said.seen;
    if (amount === undefined || currency === undefined || created === undefined) return [];
    return [
      {
        id,
        amount,
        currency,
        created,
        charge: chargeOfRefund(history, id),
        intent: intentOfRefund(history, id),
        said,
        failed: spoken.find(({ seen }) => seen.status === "failed" || seen.status === "canceled"),
      },
    ];
  });
}

/** The entries of the refunds known by id: a refund, and its reversal where it failed or was canceled. */
export function refundEntries(history: History, known: readonly KnownRefund[]): readonly DerivedEntry[] {
  return known.filter((refund) => !isNoRefund(history, refund)).flatMap(entriesOf);
}

function entriesOf({ id, amount, currency, created, intent, said, failed }: KnownRefund): DerivedEntry[] {
  const shared = { objectId: id, paymentIntent: intent };
  const taken: DerivedEntry = {
    ...shared,
    kind: "refund",
    amount: -amount,
    currency,
    occurredAt: created,
    decidedBy: said.event,
  };
  if (failed === undefined) return [taken];
  const back = { amount: failed.seen.amount ?? amount, currency: failed.seen.currency ?? currency };
  const { event } = failed;
  return [
    taken,
    { ...shared, kind: "refund_reversal", ...back, occurredAt: event.created, decidedBy: event },
  ];
}

function isNoRefund(history: History, refund: KnownRefund): boolean {
  const sightings = history.refunds.get(refund.id) ?? [];
  return (
    sightings.some(({ seen }) => seen.mirrorsTransferReversal || seen.paysOutCashBalance) ||
    isFromTransfer(history, refund.charge) ||
    isReleasedAuthorisation(history, refund)
  );
}

/** Whether a "refund" only let go of money that was authorised and never captured: docs/revenue.md. */
export function isReleasedAuthorisation(history: History, { id, charge, intent }: KnownRefund): boolean {
  const sightings = history.refunds.get(id) ?? [];
  if (sightings.some(({ seen }) => seen.reason === "expired_uncaptured_charge")) return true;
  const charges = charge === undefined ? [] : (history.charges.get(charge) ?? []);
  if (charges.some(({ seen }) => seen.captured === false && (seen.amountRefunded ?? 0n) > 0n)) return true;
  const payment = paymentOf(history, charge, intent);
  const isCanceled = intentSightings(history, payment).some(
    ({ seen }) => seen.status === "canceled" && seen.amountReceived === 0n,
  );
  if (isCanceled) return true;
  const rest = restOf(history, payment);
  return rest !== undefined && releaseOf(history, rest, { charge, intent }) === id;
}

/** The refund that a partial capture made of exactly the rest: the earliest without a reason, made at once. */
function releaseOf(
  history: History,
  rest: Rest,
  payment: { readonly charge: string | undefined; readonly intent: string | undefined },
): string | undefined {
  const latest = rest.capturedAt.getTime() + releaseMs;
  const candidates = [...history.refunds].flatMap(([id, sightings]) => {
    const ours =
      payment.intent === undefined
        ? chargeOfRefund(history, id) === payment.charge
        : intentOfRefund(history, id) === payment.intent;
    const created = firstNamed(sightings, (seen) => seen.created)?.getTime();
    const amount = firstNamed(sightings, (seen) => seen.amount);
    const hasReason = sightings.some(({ seen }) => seen.reason !== undefined);
    const isRelease =
      ours && !hasReason && amount === rest.amount && created !== undefined && created <= latest;
    return isRelease ? [{ id, created }] : [];
  });
  return candidates.toSorted((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))[0]?.id;
}

function speaks({ event, seen }: Sighting<ShownRefund>): boolean {
  if (seen.amount === undefined || seen.amount === 0n) return false;
  if (refundTypes.has(event.type)) return event.objectId === seen.id;
  // The refunds that the event's own charge lists.
  return event.type === "charge.refunded" && seen.charge === event.objectId;
}

export const releaseWindowMs: number = releaseMs;
