import type { EntryKind, LedgerClaim } from "./ledger.ts";
import type { Charge, Dispute, PaymentEvent, PaymentIntent, Refund } from "./payment-event.ts";
import { isReleasedAuthorisation } from "./released-authorisation.ts";
import { witnessOf } from "./witness.ts";

/** What an event means for the ledger: its claims (often none), or why a person must look at it. */
export type Meaning =
  | { readonly status: "processed"; readonly claims: readonly LedgerClaim[] }
  | { readonly status: "quarantined"; readonly reason: string };

/** Knows what a Stripe event means for the ledger. Pure: the same event always means the same. */
export type PaymentService = {
  /** Never throws: an event that should count but cannot be understood comes back as quarantined. */
  interpret(event: PaymentEvent): Meaning;
  /** The account an event belongs to: `null` for the platform's own events, however they name it. */
  ownerOf(event: PaymentEvent): string | null;
};

/**
 * @param platformAccount the platform's own Stripe account id. Events that carry it are the platform's own,
 * so that an endpoint for connected accounts and one for the platform book the same payment once.
 */
export function createPaymentService(platformAccount?: string): PaymentService {
  const ownerOf = (event: PaymentEvent): string | null =>
    event.account === undefined || event.account === platformAccount ? null : event.account;
  return {
    ownerOf,
    interpret(event) {
      try {
        const movements = movementsOf(event);
        return { status: "processed", claims: movements.map((m) => claim(event, ownerOf(event), m)) };
      } catch (error) {
        if (error instanceof NotUnderstood) return { status: "quarantined", reason: error.message };
        throw error;
      }
    },
  };
}

/** Money that an object says has moved. `occurredAt` is absent where the event's own time counts. */
type Movement = {
  readonly kind: EntryKind;
  readonly objectId: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly paymentIntent: string | undefined;
  readonly occurredAt?: Date;
};

class NotUnderstood extends Error {}

function movementsOf(event: PaymentEvent): Movement[] {
  const { subject } = event;
  switch (subject.object) {
    case "payment_intent":
      return payment(subject.paymentIntent);
    case "charge":
      return standaloneCharge(subject.charge);
    case "refund":
      return refund(subject.refund, event.apiVersion, subject.refund.charge);
    case "refunded_charge":
      return refundsListed(subject.charge, event.apiVersion);
    case "dispute_withdrawal":
      return dispute("dispute", subject.dispute);
    case "dispute_reinstatement":
      return dispute("dispute_reversal", subject.dispute);
    case "thin":
      throw new NotUnderstood(
        `thin event: ${event.type} carries no amount; send snapshot events of this type`,
      );
    case "other":
      return [];
  }
}

function payment(intent: PaymentIntent): Movement[] {
  const amount = required(intent.amountReceived, "amount_received");
  if (amount === 0n) return [];
  const objectId = required(intent.id, "payment_intent id");
  return [{ kind: "payment", objectId, amount, currency: requiredCurrency(intent), paymentIntent: objectId }];
}

/** Charges of a PaymentIntent are the same money as `payment_intent.succeeded`, so only charges without one count. */
function standaloneCharge(charge: Charge): Movement[] {
  if (typeof charge.paymentIntent === "string" || charge.captured === false || charge.fromTransfer) return [];
  // What does not say whether it was captured, an object that is missing above all, may well be money.
  required(charge.captured, "captured", "true or false");
  // If it has one that cannot be read, its money may be counted already.
  required(charge.paymentIntent, "payment_intent", "absent or a Stripe id");
  const amount = required(charge.amountCaptured, "amount_captured");
  if (amount === 0n) return [];
  const objectId = required(charge.id, "charge id");
  return [
    { kind: "payment", objectId, amount, currency: requiredCurrency(charge), paymentIntent: undefined },
  ];
}

/** A charge that lists no refunds is how newer API versions write it; an object that is no charge at all is not. */
function refundsListed(charge: Charge, apiVersion: string | undefined): Movement[] {
  required(charge.id, "charge id");
  return charge.refunds.flatMap((listed) => refund(listed, apiVersion, charge));
}

/** A refund counts whatever its status; one that failed or was cancelled also gives the money back. */
function refund(refunded: Refund, apiVersion: string | undefined, charge: Charge | undefined): Movement[] {
  if (isReleasedAuthorisation(refunded, charge, apiVersion)) return [];
  const amount = required(refunded.amount, "refund amount");
  if (amount === 0n) return [];
  const shared = {
    objectId: required(refunded.id, "refund id"),
    currency: requiredCurrency(refunded),
    paymentIntent: refunded.paymentIntent ?? charge?.paymentIntent ?? undefined,
  };
  const occurredAt = required(refunded.created, "refund created");
  const taken: Movement = { kind: "refund", amount: -amount, occurredAt, ...shared };
  const returned = refunded.status === "failed" || refunded.status === "canceled";
  return returned ? [taken, { kind: "refund_reversal", amount, ...shared }] : [taken];
}

function dispute(kind: "dispute" | "dispute_reversal", disputed: Dispute): Movement[] {
  const currency = requiredCurrency(disputed);
  const moved = disputedAmount(kind, disputed, currency);
  if (moved === 0n) return [];
  const objectId = required(disputed.id, "dispute id");
  const amount = kind === "dispute" ? -moved : moved;
  return [{ kind, objectId, amount, currency, paymentIntent: disputed.paymentIntent }];
}

/** The balance transactions say what really moved, which can differ from the disputed amount. */
function disputedAmount(kind: "dispute" | "dispute_reversal", disputed: Dispute, currency: string): bigint {
  const moved = disputed.balanceTransactions
    .filter((transaction) => transaction.currency === currency)
    .map((transaction) => required(transaction.amount, "dispute balance transaction amount", "an integer"))
    .filter((amount) => (kind === "dispute" ? amount < 0n : amount > 0n));
  if (moved.length === 0) return required(disputed.amount, "dispute amount");
  const sum = moved.reduce((total, amount) => total + amount, 0n);
  return sum < 0n ? -sum : sum;
}

function claim(event: PaymentEvent, account: string | null, movement: Movement): LedgerClaim {
  if (event.account === undefined) throw new NotUnderstood("account is not a Stripe account id");
  const created = required(event.created, "event created");
  const decidedBy = witnessOf(event.id, created);
  const { paymentIntent, occurredAt = created, ...moved } = movement;
  return {
    ...moved,
    account,
    livemode: required(event.livemode, "livemode", "true or false"),
    occurredAt,
    decidedBy,
    paymentIntent: paymentIntent === undefined ? undefined : { id: paymentIntent, saidBy: decidedBy },
  };
}

function requiredCurrency(of: { readonly currency: string | undefined }): string {
  return required(of.currency, "currency", "a three-letter code in lower case");
}

function required<T>(value: T | undefined, name: string, expected = expectation(name)): T {
  if (value === undefined) throw new NotUnderstood(`${name} is missing or not ${expected}`);
  return value;
}

function expectation(name: string): string {
  if (name.endsWith("created")) return "a time";
  return name.endsWith(" id") ? "a Stripe id" : "a whole number of minor units, zero or more";
}
