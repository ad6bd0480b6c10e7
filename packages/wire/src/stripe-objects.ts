import type { Charge, Dispute, PaymentIntent, Refund } from "@takings/domain";
import {
  account,
  amount,
  currency,
  flag,
  id,
  list,
  properties,
  reference,
  signedAmount,
  text,
  time,
} from "./field-readers.ts";
import { capturedAmount, isAbsent, isFromTransfer, isNonRefund } from "./object-facts.ts";

// Readers of the object of an event that counts. They accept any value and never throw: a missing or malformed value is
// `undefined`, and the domain decides whether the event is quarantined for it. shown-objects.ts reads all objects of an
// event, as evidence.

/** https://docs.stripe.com/api/payment_intents/object */
export function readPaymentIntent(object: unknown): PaymentIntent {
  const from = properties(object);
  return {
    id: id(from["id"]),
    amountReceived: amount(from["amount_received"]),
    currency: currency(from["currency"]),
  };
}

/** https://docs.stripe.com/api/charges/object */
export function readCharge(object: unknown): Charge {
  const from = properties(object);
  return {
    id: id(from["id"]),
    amountCaptured: capturedAmount(from),
    amountRefunded: amount(from["amount_refunded"]),
    captured: flag(from["captured"]),
    currency: currency(from["currency"]),
    paymentIntent: isAbsent(from["payment_intent"]) ? null : reference(from["payment_intent"]),
    fromTransfer: isFromTransfer(from),
    refunds: list(from["refunds"]).map(readRefund),
  };
}

/** https://docs.stripe.com/api/refunds/object */
export function readRefund(object: unknown): Refund {
  const from = properties(object);
  return {
    id: id(from["id"]),
    amount: amount(from["amount"]),
    currency: currency(from["currency"]),
    created: time(from["created"]),
    isNonRefund: isNonRefund(from),
  };
}

/** https://docs.stripe.com/api/disputes/object */
export function readDispute(object: unknown): Dispute {
  const from = properties(object);
  return {
    id: id(from["id"]),
    amount: amount(from["amount"]),
    currency: currency(from["currency"]),
    balanceTransactions: list(from["balance_transactions"]).map((transaction) => ({
      amount: signedAmount(properties(transaction)["amount"]),
    })),
  };
}

/**
 * The account an event belongs to: `null` is the platform, `undefined` an invalid value. Without `account` it is the account
 * that `context` is or ends with, as in `org_…/acct_…`. https://docs.stripe.com/context
 */
export function readAccount(event: Readonly<Record<string, unknown>>): string | null | undefined {
  const named = event["account"] ?? null;
  if (named !== null) return account(named);
  const context = event["context"] ?? null;
  if (context === null) return null;
  const path = text(context);
  return path === undefined ? undefined : (accountAtEnd.exec(path)?.[1] ?? null);
}

const accountAtEnd = /(?:^|\/)(acct_\w{1,250})$/;
