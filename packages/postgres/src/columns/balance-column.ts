import type { BalanceFact, BalanceTransactionFact, PayoutFact } from "@takings/domain";
import { z } from "zod";
import { wellFormedText } from "./storable-text.ts";

// The JSON is that of `BalanceFact`, with amounts as strings, times as RFC 3339, and without fields that are `undefined`.

const amount = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);
const time = z.iso.datetime().transform((text) => new Date(text));
const textOrNull = z.string().nullable();

const storedTransaction = z.object({
  id: z.string(),
  type: z.string(),
  reportingCategory: z.string(),
  currency: z.string(),
  gross: amount,
  fee: amount,
  net: amount,
  created: time,
  availableOn: time,
  status: textOrNull,
  balanceType: textOrNull,
  description: textOrNull,
  sourceId: textOrNull,
  payout: textOrNull.optional(),
});
const storedPayout = z.object({
  id: z.string(),
  amount,
  currency: z.string(),
  status: z.string(),
  automatic: z.boolean(),
  arrivalDate: time,
  created: time,
  traceId: textOrNull,
  reconciliationStatus: textOrNull,
  members: z.int().optional(),
});
const storedBalance = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("transaction"), transaction: storedTransaction }),
  z.object({ kind: z.literal("payout"), payout: storedPayout }),
]);

/** The value of the column `balance`, as JSON text; `null` where an event states nothing about the balance. */
export function encodeBalance(balance: BalanceFact | undefined): string | null {
  return balance === undefined ? null : JSON.stringify(storableBalance(balance), asText);
}

function asText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** The same fact with texts that PostgreSQL accepts. */
export function storableBalance(balance: BalanceFact): BalanceFact {
  if (balance.kind === "transaction")
    return { kind: "transaction", transaction: storableTransaction(balance.transaction) };
  return { kind: "payout", payout: storablePayout(balance.payout) };
}

function storableTransaction(transaction: BalanceTransactionFact): BalanceTransactionFact {
  const { status, balanceType, description } = transaction;
  return {
    ...transaction,
    status: storable(status),
    balanceType: storable(balanceType),
    description: storable(description),
  };
}

function storablePayout(payout: PayoutFact): PayoutFact {
  const { traceId, reconciliationStatus } = payout;
  return { ...payout, traceId: storable(traceId), reconciliationStatus: storable(reconciliationStatus) };
}

function storable(text: string | null): string | null {
  return text === null ? null : wellFormedText(text);
}

/** Whether two events state the same about the balance. */
export function isSameBalance(a: BalanceFact | undefined, b: BalanceFact | undefined): boolean {
  return encodeBalance(a) === encodeBalance(b);
}

/**
 * Parses the column `balance` of an event.
 * @throws Error naming the event when the column contains anything else.
 */
export function decodeBalance(column: unknown, eventId: string): BalanceFact | undefined {
  if (column === null) return undefined;
  const { success, data, error } = storedBalance.safeParse(column);
  if (!success)
    throw new Error(
      `what event ${eventId} states about the balance cannot be read: ${z.prettifyError(error)}`,
    );
  return canonical(data);
}

/** With all fields, in the order in which they are read from a body, so that two facts can be compared. */
function canonical(data: z.output<typeof storedBalance>): BalanceFact {
  if (data.kind === "transaction")
    return { kind: "transaction", transaction: { ...data.transaction, payout: data.transaction.payout } };
  return { kind: "payout", payout: { ...data.payout, members: data.payout.members } };
}

/** As {@link decodeBalance}, but `undefined` if that fails, so that a damaged row does not block others. */
export function readableBalance(column: unknown, eventId: string): BalanceFact | undefined {
  try {
    return decodeBalance(column, eventId);
  } catch {
    return undefined;
  }
}
