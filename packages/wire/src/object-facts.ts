import { expiredAuthorisation } from "@takings/domain";
import { amount, flag, properties } from "./field-readers.ts";

type Properties = Readonly<Record<string, unknown>>;

/** What was captured of a charge: `amount` where the API version has no `amount_captured` and all was captured. */
export function capturedAmount(charge: Properties): bigint | undefined {
  // API versions before 2020-08-27: https://docs.stripe.com/changelog#2020-08-27
  const isWhole =
    charge["amount_captured"] === undefined &&
    flag(charge["captured"]) === true &&
    amount(charge["amount_refunded"]) === 0n;
  return amount(charge[isWhole ? "amount" : "amount_captured"]);
}

/** The charge mirrors a transfer in a connected account: `source_transfer` is set. */
export function isFromTransfer(charge: Properties): boolean {
  return !isAbsent(charge["source_transfer"]);
}

/** The charge may be captured again: https://docs.stripe.com/payments/multicapture */
export function allowsMulticapture(charge: Properties): boolean {
  const card = properties(properties(charge["payment_method_details"])["card"]);
  return properties(card["multicapture"])["status"] === "available";
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

/** The refund's own fields show that it does not count as one; see docs/revenue.md. */
export function isNonRefund(refund: Properties): boolean {
  return (
    mirrorsTransferReversal(refund) || paysOutCashBalance(refund) || refund["reason"] === expiredAuthorisation
  );
}

/** Stripe writes `null` for absent values, and omits fields that an API version does not have. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
