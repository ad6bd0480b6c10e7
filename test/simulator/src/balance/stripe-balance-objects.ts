import type { Json, Members } from "../json.ts";
import type { LifePayout, LifeTransaction } from "./life.ts";

/** An object of Stripe's API, with what lists are ordered by. Amounts are `bigint`, so that none is rounded. */
export type ApiObject = Members & { readonly id: string; readonly created: number };

/** A transaction as Stripe shows it at a time. https://docs.stripe.com/api/balance_transactions/object */
export function transactionAt(transaction: LifeTransaction, at: number): ApiObject {
  const { laterDescription: later, reportingCategory, balanceType } = transaction;
  return {
    id: transaction.id,
    object: "balance_transaction",
    amount: transaction.amount,
    available_on: transaction.availableOn,
    ...(balanceType !== undefined && { balance_type: balanceType }),
    created: transaction.created,
    currency: transaction.currency,
    description: later !== undefined && later.from <= at ? later.text : transaction.description,
    exchange_rate: transaction.exchangeRate,
    fee: transaction.fee,
    fee_details: feeDetails(transaction),
    net: transaction.net,
    ...(reportingCategory !== undefined && { reporting_category: reportingCategory }),
    source: sourceOf(transaction),
    status: transaction.availableOn <= at ? "available" : "pending",
    type: transaction.type,
  };
}

function feeDetails({ fee, applicationFee, currency }: LifeTransaction): Json {
  const detail = (amount: bigint, type: string, description: string): Members => ({
    amount,
    application: type === "application_fee" ? "ca_simulator" : null,
    currency,
    description,
    type,
  });
  return [
    ...(fee === applicationFee ? [] : [detail(fee - applicationFee, "stripe_fee", "Stripe processing fees")]),
    ...(applicationFee === 0n ? [] : [detail(applicationFee, "application_fee", "Application fee")]),
  ];
}

function sourceOf({ source, amount, currency, created, payment }: LifeTransaction): Json {
  if (source.id === null || !source.expanded) return source.id;
  const object = source.id.startsWith("ch_") ? "charge" : source.id.startsWith("re_") ? "refund" : "unknown";
  return {
    id: source.id,
    object,
    amount: payment?.amount ?? (amount < 0n ? -amount : amount),
    currency: payment?.currency ?? currency,
    created,
    ...(payment !== undefined && { payment_intent: payment.paymentIntent }),
  };
}

/** A payout as Stripe shows it at a time. https://docs.stripe.com/api/payouts/object */
export function payoutAt(payout: LifePayout, at: number, livemode: boolean): ApiObject {
  const { laterArrival: later, reconciledAt, traceId } = payout;
  const failed = payout.failedAt !== undefined && payout.failedAt <= at;
  return {
    id: payout.id,
    object: "payout",
    amount: payout.amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: later !== undefined && later.from <= at ? later.date : payout.arrivalDate,
    automatic: payout.automatic,
    balance_transaction: payout.transaction,
    created: payout.created,
    currency: payout.currency,
    description: payout.automatic ? "STRIPE PAYOUT" : null,
    destination: "ba_simulator",
    failure_balance_transaction:
      failed || statusAt(payout, at) === "canceled" ? payout.failureTransaction : null,
    failure_code: failed ? "account_closed" : null,
    failure_message: failed ? "The bank account has been closed." : null,
    livemode,
    metadata: {},
    method: payout.instant ? "instant" : "standard",
    original_payout: null,
    payout_method: null,
    reconciliation_status:
      reconciledAt === undefined ? "not_applicable" : reconciledAt <= at ? "completed" : "in_progress",
    reversed_by: null,
    source_type: "card",
    statement_descriptor: null,
    status: statusAt(payout, at),
    trace_id: traceAt(traceId, payout.end.at <= at),
    type: payout.instant ? "card" : "bank_account",
  };
}

function statusAt({ failedAt, end, sentAt }: LifePayout, at: number): string {
  if (failedAt !== undefined && failedAt <= at) return "failed";
  if (end.at <= at) return end.status;
  return sentAt <= at ? "in_transit" : "pending";
}

function traceAt(value: string | null, arrived: boolean): Json {
  if (value === null) return { status: "unsupported", value: null };
  return arrived ? { status: "supported", value } : { status: "pending", value: null };
}
