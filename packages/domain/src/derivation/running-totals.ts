import { paymentOf, type Rest, restOf } from "./captures.ts";
import type { DerivedEntry } from "./derived-entry.ts";
import type { EventFacts, ShownCharge } from "./event-facts.ts";
import { type History, intentOfCharge, isFromTransfer, type Sighting } from "./history.ts";
import { isReleasedAuthorisation, type KnownRefund, releaseWindowMs } from "./refunds.ts";

// Endpoints of these API versions are told of most refunds by the charge's running total alone.
// https://docs.stripe.com/changelog#2022-11-15 and https://docs.stripe.com/changelog/acacia/2024-10-28
const firstOfTotals = "2022-11-15";
const firstAfterTotals = "2024-10-28";

/** What a charge's running total says at one event beyond the refunds known by id. */
export type RunningTotal = {
  readonly event: EventFacts;
  readonly currency: string | undefined;
  readonly unexplained: bigint;
  /** Whether the event's API version makes a refund of it. */
  readonly makesEntries: boolean;
};

/** The running totals of a charge, in the order of (`created`, `amount_refunded`, event id). */
export function runningTotals(
  history: History,
  charge: string,
  refunds: readonly KnownRefund[],
): readonly RunningTotal[] {
  const shown = (history.charges.get(charge) ?? []).filter(({ seen }) => seen.amountRefunded !== undefined);
  const known = refunds.filter((refund) => belongsTo(history, refund, charge));
  const released = releasedUnknown(history, charge, known);
  const fromTransfer = isFromTransfer(history, charge);
  return shown.toSorted(byTimeAndAmount).map(({ event, seen }) => ({
    event,
    currency: seen.currency,
    unexplained: fromTransfer || seen.captured === false ? 0n : unexplainedAt(event, seen, known, released),
    makesEntries: isOfRunningTotals(event.apiVersion),
  }));
}

/** Each rise of the unexplained part above its highest so far, over the events whose version makes entries. */
export function totalEntries(
  history: History,
  charge: string,
  totals: readonly RunningTotal[],
): readonly DerivedEntry[] {
  let highest = 0n;
  return totals.flatMap(({ event, currency, unexplained, makesEntries: counts }) => {
    if (!counts || unexplained <= highest || currency === undefined) return [];
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
        decidedBy: event,
        paymentIntent: intentOfCharge(history, charge),
      },
    ];
  });
}

function unexplainedAt(
  event: EventFacts,
  { amountRefunded = 0n }: ShownCharge,
  known: readonly KnownRefund[],
  released: bigint,
): bigint {
  const by = event.created.getTime();
  const explained = known
    .filter(({ created }) => created.getTime() <= by)
    .filter(({ failed }) => failed === undefined || failed.event.created.getTime() > by)
    .reduce((sum, { amount }) => sum + amount, released);
  return amountRefunded > explained ? amountRefunded - explained : 0n;
}

/** The rest of a partial capture, where the running total has it and no refund known by id is it. */
function releasedUnknown(history: History, charge: string, known: readonly KnownRefund[]): bigint {
  if (known.some((refund) => isReleasedAuthorisation(history, refund))) return 0n;
  const rest = restOf(history, paymentOf(history, charge, undefined));
  if (rest === undefined) return 0n;
  return (history.charges.get(charge) ?? []).some((sighting) => showsRelease(sighting, rest))
    ? rest.amount
    : 0n;
}

function showsRelease({ event, seen }: Sighting<ShownCharge>, rest: Rest): boolean {
  const isAtOnce = event.created.getTime() <= rest.capturedAt.getTime() + releaseWindowMs;
  return isAtOnce && (seen.amountRefunded ?? 0n) >= rest.amount;
}

function belongsTo(history: History, refund: KnownRefund, charge: string): boolean {
  if (refund.charge !== undefined) return refund.charge === charge;
  return refund.intent !== undefined && intentOfCharge(history, charge) === refund.intent;
}

/** Whether endpoints of an API version are told of most refunds by running totals alone. */
export function isOfRunningTotals(apiVersion: string | undefined): boolean {
  return apiVersion !== undefined && apiVersion >= firstOfTotals && apiVersion < firstAfterTotals;
}

function byTimeAndAmount(a: Sighting<ShownCharge>, b: Sighting<ShownCharge>): number {
  const byTime = a.event.order.created.getTime() - b.event.order.created.getTime();
  if (byTime !== 0) return byTime;
  const [one, other] = [a.seen.amountRefunded ?? 0n, b.seen.amountRefunded ?? 0n];
  if (one !== other) return one < other ? -1 : 1;
  return a.event.eventId < b.event.eventId ? -1 : 1;
}
