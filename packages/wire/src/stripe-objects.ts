import type { Charge, Dispute, PaymentIntent, Refund } from "@takings/domain";
import {
  account,
  amount,
  currency,
  flag,
  id,
  list,
  properties,
  read,
  reference,
  signedAmount,
  text,
  time,
} from "./facts.ts";

// Readers of Stripe's objects. They take anything and never throw: a fact that is missing or malformed is
// `undefined`, and whether it was needed is for the domain to say.

/** https://docs.stripe.com/api/payment_intents/object */
export function readPaymentIntent(object: unknown): PaymentIntent {
  const from = properties(object);
  return {
    id: read(id, from["id"]),
    amountReceived: read(amount, from["amount_received"]),
    currency: read(currency, from["currency"]),
  };
}

/** https://docs.stripe.com/api/charges/object */
export function readCharge(object: unknown): Charge {
  const from = properties(object);
  return {
    id: read(id, from["id"]),
    amount: read(amount, from["amount"]),
    amountCaptured: read(amount, from["amount_captured"]),
    amountRefunded: read(amount, from["amount_refunded"]),
    captured: read(flag, from["captured"]),
    currency: read(currency, from["currency"]),
    paymentIntent: isAbsent(from["payment_intent"]) ? null : read(reference, from["payment_intent"]),
    fromTransfer: !isAbsent(from["source_transfer"]),
    refunds: list(from["refunds"]).map(readRefund),
  };
}

/** https://docs.stripe.com/api/refunds/object */
export function readRefund(object: unknown): Refund {
  const from = properties(object);
  const charge = from["charge"];
  return {
    id: read(id, from["id"]),
    amount: read(amount, from["amount"]),
    currency: read(currency, from["currency"]),
    created: read(time, from["created"]),
    status: read(text, from["status"]),
    reason: read(text, from["reason"]),
    paymentIntent: read(reference, from["payment_intent"]),
    charge: typeof charge === "object" && charge !== null ? readCharge(charge) : undefined,
  };
}

/** https://docs.stripe.com/api/disputes/object */
export function readDispute(object: unknown): Dispute {
  const from = properties(object);
  return {
    id: read(id, from["id"]),
    amount: read(amount, from["amount"]),
    currency: read(currency, from["currency"]),
    paymentIntent: read(reference, from["payment_intent"]),
    balanceTransactions: list(from["balance_transactions"]).map((transaction) => {
      const moved = properties(transaction);
      return { amount: read(signedAmount, moved["amount"]), currency: read(currency, moved["currency"]) };
    }),
  };
}

/**
 * The account an event belongs to: `null` is the platform, `undefined` is something that is no account. Without
 * `account` it is what `context` is or ends with, as in `org_…/acct_…`. https://docs.stripe.com/context
 */
export function readAccount(event: Readonly<Record<string, unknown>>): string | null | undefined {
  const { account: named, context } = event;
  if (!isAbsent(named)) return read(account, named);
  if (isAbsent(context)) return null;
  return read(account, read(text, context)?.split("/").at(-1));
}

/** Stripe writes `null` for what is not there, and leaves out what an API version does not know. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
