import { amount, flag, properties } from "./facts.ts";

type Properties = Readonly<Record<string, unknown>>;

/** What was captured of a charge: `amount` where the API version knows no `amount_captured` and nothing hides a part. */
export function capturedAmount(charge: Properties): bigint | undefined {
  // API versions before 2020-08-27: https://docs.stripe.com/changelog#2020-08-27
  const isWhole =
    charge["amount_captured"] === undefined &&
    flag(charge["captured"]) === true &&
    amount(charge["amount_refunded"]) === 0n;
  return amount(charge[isWhole ? "amount" : "amount_captured"]);
}

/** The refund mirrors a transfer reversal of the platform's: `source_transfer_reversal` is set. */
export function mirrorsTransferReversal(refund: Properties): boolean {
  return !isAbsent(refund["source_transfer_reversal"]);
}

/**
 * The refund pays out a customer's cash balance: it names neither charge nor PaymentIntent, and did not go to a card.
 * https://docs.stripe.com/payments/customer-balance/refunding
 */
export function paysOutCashBalance(refund: Properties): boolean {
  const isUnattached = refund["charge"] === null && refund["payment_intent"] === null;
  return isUnattached && properties(refund["destination_details"])["type"] !== "card";
}

/** An authorisation ran out: https://docs.stripe.com/api/refunds/object#refund_object-reason */
const expiredAuthorisation = "expired_uncaptured_charge";

/** The refund says of itself that it is none of ours; see docs/revenue.md. */
export function saysItIsNone(refund: Properties): boolean {
  return (
    mirrorsTransferReversal(refund) || paysOutCashBalance(refund) || refund["reason"] === expiredAuthorisation
  );
}

/** Stripe writes `null` for what is not there, and leaves out what an API version does not know. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
