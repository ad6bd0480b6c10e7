import type { KnownPayout, KnownTransaction, SyncRound, SyncState } from "@takings/domain";
import { z } from "zod";

const amount = z.string().transform(BigInt);
const textOrNull = z.string().nullable();

/** The columns that {@link parseKnownTransaction} reads. */
export const knownTransactionColumns = `
  stored.id, type, reporting_category, currency, gross::text, fee::text, net::text, created, available_on, status,
  balance_type, description, source_id, payout`;

const knownTransaction = z.object({
  id: z.string(),
  type: z.string(),
  reporting_category: z.string(),
  currency: z.string(),
  gross: amount,
  fee: amount,
  net: amount,
  created: z.date(),
  available_on: z.date(),
  status: textOrNull,
  balance_type: textOrNull,
  description: textOrNull,
  source_id: textOrNull,
  payout: textOrNull,
});

/** Parses a row of {@link knownTransactionColumns}. @throws ZodError when the table has another form. */
export function parseKnownTransaction(row: unknown): KnownTransaction {
  const parsed = knownTransaction.parse(row);
  const { reporting_category: reportingCategory, available_on: availableOn, ...rest } = parsed;
  const { balance_type: balanceType, source_id: sourceId, ...fields } = rest;
  return { ...fields, reportingCategory, availableOn, balanceType, sourceId };
}

/** The columns that {@link parseKnownPayout} reads. */
export const knownPayoutColumns = `
  stored.id, amount::text, currency, status, automatic, arrival_date, created, trace_id, reconciliation_status, members`;

const knownPayout = z.object({
  id: z.string(),
  amount,
  currency: z.string(),
  status: z.string(),
  automatic: z.boolean(),
  arrival_date: z.date(),
  created: z.date(),
  trace_id: textOrNull,
  reconciliation_status: textOrNull,
  members: z.int().nullable(),
});

/** Parses a row of {@link knownPayoutColumns}. @throws ZodError when the table has another form. */
export function parseKnownPayout(row: unknown): KnownPayout {
  const parsed = knownPayout.parse(row);
  const { arrival_date: arrivalDate, trace_id: traceId, members, ...rest } = parsed;
  const { reconciliation_status: reconciliationStatus, ...fields } = rest;
  return { ...fields, arrivalDate, traceId, reconciliationStatus, members: members ?? undefined };
}

const moment = z.iso.datetime().transform((text) => new Date(text));
const segment = z.object({
  from: z.int().optional(),
  to: z.int().optional(),
  cursor: z.string().optional(),
});
const roundColumn: z.ZodType<SyncRound> = z.object({
  began: moment,
  from: moment.optional(),
  rereadsMembers: z.boolean(),
  membersReadTo: moment.optional(),
  transactions: z.array(segment).optional(),
});

const stateRow = z.object({
  complete_from: z.date().nullable(),
  complete_through: z.date().nullable(),
  // Progress that cannot be parsed is of another version: the round starts again.
  round: roundColumn.nullable().catch(null),
  read_at: z.date().nullable(),
});

/** Parses the row of a scope in `takings.balance_syncs`; `undefined` is a scope that was never synced. */
export function parseSyncState(row: unknown): SyncState {
  const parsed = row === undefined ? undefined : stateRow.parse(row);
  return {
    completeFrom: parsed?.complete_from ?? undefined,
    completeThrough: parsed?.complete_through ?? undefined,
    round: parsed?.round ?? undefined,
    readAt: parsed?.read_at ?? undefined,
  };
}
