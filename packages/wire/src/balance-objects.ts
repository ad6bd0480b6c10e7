import type { BalanceFact, BalanceStatement, BalanceTransactionFact, PayoutFact } from "@takings/domain";
import {
  currency,
  type FieldReader,
  flag,
  id,
  properties,
  reference,
  signedAmount,
  text,
  time,
} from "./field-readers.ts";

import { isAbsent } from "./object-facts.ts";

// Readers of balance transactions and payouts:
// https://docs.stripe.com/api/balance_transactions/object, https://docs.stripe.com/api/payouts/object

/** The types of the events that hold what was read of Stripe's API (`takings balance sync`). */
export const readingTypes = {
  transaction: "takings.balance_transaction",
  payout: "takings.payout",
} as const;

/** Whether events of this type hold what was read of Stripe's API. */
export function isReading(type: string): boolean {
  return type === readingTypes.transaction || type === readingTypes.payout;
}

/** What an event states about the balance; `undefined` for an event of another type. */
export function readBalance(
  type: string,
  event: Readonly<Record<string, unknown>>,
): BalanceStatement | undefined {
  const object = properties(properties(event["data"])["object"]);
  const reading = properties(event["reading"]);
  if (type === readingTypes.transaction) {
    return stated(() => ({
      kind: "transaction",
      transaction: readBalanceTransaction(object, reading["payout"]),
    }));
  }
  if (type === readingTypes.payout)
    return stated(() => ({ kind: "payout", payout: readPayout(object, reading["members"]) }));
  if (!type.startsWith("payout.")) return undefined;
  // Other fields of a webhook may be anything: one that does not show a payout states nothing.
  const statement = stated(() => ({ kind: "payout", payout: readPayout(object, undefined) }));
  return statement.fault === undefined ? statement : undefined;
}

function stated(read: () => BalanceFact): BalanceStatement {
  try {
    return { fact: read() };
  } catch (error) {
    if (error instanceof UnreadableError) return { fault: error.message };
    throw error;
  }
}

class UnreadableError extends Error {}

type Properties = Readonly<Record<string, unknown>>;

function readBalanceTransaction(from: Properties, payout: unknown): BalanceTransactionFact {
  const type = required(from, "type", id);
  const gross = required(from, "amount", signedAmount);
  const fee = required(from, "fee", signedAmount);
  const net = required(from, "net", signedAmount);
  if (net !== gross - fee)
    throw new UnreadableError(`net is not amount less fee: ${net} is not ${gross} - ${fee}`);
  return {
    id: required(from, "id", id),
    type,
    reportingCategory: isAbsent(from["reporting_category"]) ? type : required(from, "reporting_category", id),
    currency: required(from, "currency", currency),
    gross,
    fee,
    net,
    created: required(from, "created", time),
    availableOn: required(from, "available_on", time),
    status: text(from["status"]) ?? null,
    // It is indexed, so its length has a bound.
    balanceType: isAbsent(from["balance_type"]) ? null : required(from, "balance_type", id),
    description: text(from["description"]) ?? null,
    sourceId: reference(from["source"]) ?? null,
    payout: payout === null ? null : id(payout),
  };
}

function readPayout(from: Properties, members: unknown): PayoutFact {
  return {
    id: required(from, "id", id),
    amount: required(from, "amount", signedAmount),
    currency: required(from, "currency", currency),
    status: required(from, "status", id),
    automatic: required(from, "automatic", flag),
    arrivalDate: required(from, "arrival_date", time),
    created: required(from, "created", time),
    traceId: text(properties(from["trace_id"])["value"]) ?? null,
    reconciliationStatus: text(from["reconciliation_status"]) ?? null,
    members: typeof members === "number" && Number.isSafeInteger(members) ? members : undefined,
  };
}

function required<T>(from: Properties, name: string, read: FieldReader<T>): T {
  const value = read(from[name]);
  if (value === undefined) throw new UnreadableError(`${name} is missing or not ${expected(name)}`);
  return value;
}

function expected(name: string): string {
  switch (name) {
    case "amount":
    case "fee":
    case "net":
      return "a whole number of minor units";
    case "created":
    case "available_on":
    case "arrival_date":
      return "a time";
    case "currency":
      return "a three-letter code in lower case";
    case "automatic":
      return "true or false";
    default:
      return "a name without white space";
  }
}
