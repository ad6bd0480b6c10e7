import type { BalanceFact } from "./balance/balance-fact.ts";
import type { EventFacts } from "./derivation/event-facts.ts";
import { showsRefundsInTotals } from "./derivation/running-totals.ts";
import type { Charge, Dispute, PaymentEvent, PaymentIntent, Refund } from "./payment-event.ts";

/** What an event means for the ledgers: its facts (often none), or why a person has to decide about it. */
export type EventInterpretation =
  | {
      readonly status: "processed";
      readonly facts: EventFacts | undefined;
      readonly balance: BalanceFact | undefined;
    }
  | { readonly status: "quarantined"; readonly reason: string };

/** Decides what a Stripe event means for the ledger. Pure: the same event always means the same. */
export type PaymentService = {
  /** Never throws: an event that should count but cannot be understood is returned as quarantined. */
  interpret(event: PaymentEvent): EventInterpretation;
  /** The account that an event of a source belongs to: `null` for the platform, whether or not the event names it. */
  ownerOf(event: PaymentEvent, source: string): string | null;
};

/**
 * @param platformAccountOf the platform's own Stripe account id of each source. Events that name it belong to the platform,
 * so that a payment counts once where it arrives through an endpoint for the platform and one for connected accounts.
 */
export function createPaymentService(
  platformAccountOf: (source: string) => string | undefined = () => undefined,
): PaymentService {
  return {
    ownerOf: ({ account }, source) =>
      account === undefined || account === platformAccountOf(source) ? null : account,
    interpret(event) {
      try {
        requireInterpretable(event);
      } catch (error) {
        if (error instanceof NotInterpretableError) return { status: "quarantined", reason: error.message };
        throw error;
      }
      const hasOwner = event.livemode !== undefined && event.account !== undefined;
      const hasFacts = event.facts !== undefined && event.facts.shows.length > 0;
      return {
        status: "processed",
        facts: hasOwner && hasFacts ? event.facts : undefined,
        balance: hasOwner ? event.balance?.fact : undefined,
      };
    },
  };
}

class NotInterpretableError extends Error {}

/**
 * An event that counts must have every field that its entries depend on; an event that is only evidence may lack any. @throws NotInterpretableError
 */
function requireInterpretable(event: PaymentEvent): void {
  if (event.balance?.fault !== undefined) throw new NotInterpretableError(event.balance.fault);
  if (!counts(event)) return;
  if (event.account === undefined) throw new NotInterpretableError("account is not a Stripe account id");
  required(event.created, "event created");
  required(event.livemode, "livemode", "true or false");
}

/** Whether the event counts, and is not only evidence. @throws NotInterpretableError */
function counts(event: PaymentEvent): boolean {
  const { subject } = event;
  switch (subject.object) {
    case "payment_intent":
      return isPaid(subject.paymentIntent);
    case "charge":
      return isStandaloneCapture(subject.charge);
    case "failed_charge":
      return isStandaloneFailure(subject.charge);
    case "refund":
      return isRefund(subject.refund);
    case "refunded_charge":
      return hasRefunds(subject.charge, event.facts?.apiVersion);
    case "dispute_withdrawal":
      return isMoved("dispute", subject.dispute);
    case "dispute_reinstatement":
      return isMoved("dispute_reversal", subject.dispute);
    case "thin":
      throw new NotInterpretableError(
        `thin event: ${event.type} carries no amount; send snapshot events of this type`,
      );
    case "other":
      return false;
  }
}

function isPaid(intent: PaymentIntent): boolean {
  if (required(intent.amountReceived, "amount_received") === 0n) return false;
  required(intent.id, "payment_intent id");
  requireCurrency(intent);
  return true;
}

/** A charge of a PaymentIntent is the same money as `payment_intent.succeeded`, so only charges without one count. */
function isStandaloneCapture(charge: Charge): boolean {
  if (typeof charge.paymentIntent === "string" || charge.captured === false || charge.fromTransfer)
    return false;
  // A charge that does not say whether it was captured may be money; so may an object that is missing.
  required(charge.captured, "captured", "true or false");
  requireIntentOrNone(charge);
  if (required(charge.amountCaptured, "amount_captured") === 0n) return false;
  required(charge.id, "charge id");
  requireCurrency(charge);
  return true;
}

/** A charge without a PaymentIntent that fails may have been paid before: a bank's late return. */
function isStandaloneFailure(charge: Charge): boolean {
  if (typeof charge.paymentIntent === "string" || charge.fromTransfer) return false;
  requireIntentOrNone(charge);
  required(charge.id, "charge id");
  return true;
}

/** Newer API versions list no refunds in a charge, so an empty list is no error. An object without an id is. */
function hasRefunds(charge: Charge, apiVersion: string | undefined): boolean {
  required(charge.id, "charge id");
  if (charge.refunds.length > 0) return charge.refunds.filter(isRefund).length > 0;
  if (charge.captured === false || charge.fromTransfer || !showsRefundsInTotals(apiVersion)) return false;
  if (required(charge.amountRefunded, "amount_refunded") === 0n) return false;
  requireCurrency(charge);
  return true;
}

/** A refund counts whatever its status is. A non-refund may lack fields. */
function isRefund(refund: Refund): boolean {
  if (refund.isNonRefund) return false;
  if (required(refund.amount, "refund amount") === 0n) return false;
  required(refund.id, "refund id");
  requireCurrency(refund);
  required(refund.created, "refund created");
  return true;
}

/** The balance transactions show what moved; the disputed amount is needed where there are none. */
function isMoved(kind: "dispute" | "dispute_reversal", disputed: Dispute): boolean {
  requireCurrency(disputed);
  const moved = disputed.balanceTransactions
    .map(({ amount }) => required(amount, "dispute balance transaction amount", "an integer"))
    .filter((amount) => (kind === "dispute" ? amount < 0n : amount > 0n));
  if (moved.length === 0 && required(disputed.amount, "dispute amount") === 0n) return false;
  required(disputed.id, "dispute id");
  return true;
}

/** If the charge has a PaymentIntent that cannot be read, its money may be counted already. */
function requireIntentOrNone({ paymentIntent }: Charge): void {
  required(paymentIntent, "payment_intent", "absent or a Stripe id");
}

function requireCurrency(of: { readonly currency: string | undefined }): void {
  required(of.currency, "currency", "a three-letter code in lower case");
}

function required<T>(value: T | undefined, name: string, expected = expectation(name)): T {
  if (value === undefined) throw new NotInterpretableError(`${name} is missing or not ${expected}`);
  return value;
}

function expectation(name: string): string {
  if (name.endsWith("created")) return "a time";
  return name.endsWith(" id") ? "a Stripe id" : "a whole number of minor units, zero or more";
}
