import { z } from "zod";
import { scopeOf } from "../ledger/payment-objects.ts";
import type { PayoutState, TransactionState } from "./fold.ts";
import type { SaidOrder } from "./said-fact.ts";

/** A balance transaction as it is stored: what is known of it, and its moment. */
export type StoredTransaction = TransactionState & { readonly effectiveAt: Date };

/** An infinite instant, which only a hand can have written, is an invalid date: it equals no other. */
const instant = z
  .union([z.date(), z.literal(Infinity), z.literal(-Infinity)])
  .transform((at) => (at instanceof Date ? at : new Date(Number.NaN)));
const place = { id: z.string(), source: z.string(), account: z.string(), livemode: z.boolean() };
const said = { event_id: z.string(), said_at: instant, said_received_at: instant };
const textOrNull = z.string().nullable();
const dateOrNull = instant.nullable();
const amount = z.string().transform(BigInt);

const transactionRow = z.object({
  ...place,
  ...said,
  type: z.string(),
  reporting_category: z.string(),
  currency: z.string(),
  gross: amount,
  fee: amount,
  net: amount,
  created: instant,
  available_on: instant,
  status: textOrNull,
  balance_type: textOrNull,
  description: textOrNull,
  source_id: textOrNull,
  payout: textOrNull,
  effective_at: instant,
  payout_event_id: textOrNull,
  payout_said_at: dateOrNull,
  payout_said_received_at: dateOrNull,
});

const payoutRow = z.object({
  ...place,
  ...said,
  amount,
  currency: z.string(),
  status: z.string(),
  automatic: z.boolean(),
  arrival_date: instant,
  created: instant,
  trace_id: textOrNull,
  reconciliation_status: textOrNull,
  members: z.number().nullable(),
  members_event_id: textOrNull,
  members_said_at: dateOrNull,
  members_said_received_at: dateOrNull,
});

/** Parses a row of `takings.balance_transactions`. @throws ZodError when the table has another form. */
export function parseTransactionRow(row: unknown): StoredTransaction {
  const of = transactionRow.parse(row);
  return {
    kind: "transaction",
    ...scopeOf(of),
    fact: {
      id: of.id,
      type: of.type,
      reportingCategory: of.reporting_category,
      currency: of.currency,
      gross: of.gross,
      fee: of.fee,
      net: of.net,
      created: of.created,
      availableOn: of.available_on,
      status: of.status,
      balanceType: of.balance_type,
      description: of.description,
      sourceId: of.source_id,
    },
    said: { at: of.said_at, receivedAt: of.said_received_at, eventId: of.event_id },
    payout: of.payout,
    payoutSaid: orderOf(of.payout_said_at, of.payout_said_received_at, of.payout_event_id),
    effectiveAt: of.effective_at,
  };
}

/** Parses a row of `takings.payouts`. @throws ZodError when the table has another form. */
export function parsePayoutRow(row: unknown): PayoutState {
  const of = payoutRow.parse(row);
  return {
    kind: "payout",
    ...scopeOf(of),
    fact: {
      id: of.id,
      amount: of.amount,
      currency: of.currency,
      status: of.status,
      automatic: of.automatic,
      arrivalDate: of.arrival_date,
      created: of.created,
      traceId: of.trace_id,
      reconciliationStatus: of.reconciliation_status,
    },
    said: { at: of.said_at, receivedAt: of.said_received_at, eventId: of.event_id },
    members: of.members ?? undefined,
    membersSaid: orderOf(of.members_said_at, of.members_said_received_at, of.members_event_id),
  };
}

function orderOf(at: Date | null, receivedAt: Date | null, eventId: string | null): SaidOrder | undefined {
  return at === null || receivedAt === null || eventId === null ? undefined : { at, receivedAt, eventId };
}

/** A row as JSON, under the names of its columns, with amounts as strings. */
export type RowJson = Readonly<Record<string, string | number | boolean | Date | null>>;

/** The row of a balance transaction, without its recorded time. */
export function transactionRowOf(transaction: TransactionState & { readonly effectiveAt?: Date }): RowJson {
  const { fact, source, account, livemode, said: order, payout, payoutSaid, effectiveAt } = transaction;
  return {
    id: fact.id,
    source,
    account: account ?? "",
    livemode,
    type: fact.type,
    reporting_category: fact.reportingCategory,
    currency: fact.currency,
    gross: fact.gross.toString(),
    fee: fact.fee.toString(),
    net: fact.net.toString(),
    created: fact.created,
    available_on: fact.availableOn,
    status: fact.status,
    balance_type: fact.balanceType,
    description: fact.description,
    source_id: fact.sourceId,
    payout,
    effective_at: effectiveAt ?? null,
    event_id: order.eventId,
    said_at: order.at,
    said_received_at: order.receivedAt,
    payout_event_id: payoutSaid?.eventId ?? null,
    payout_said_at: payoutSaid?.at ?? null,
    payout_said_received_at: payoutSaid?.receivedAt ?? null,
  };
}

/** The row of a payout, without its recorded time. */
export function payoutRowOf({ fact, source, account, livemode, said: order, ...of }: PayoutState): RowJson {
  return {
    id: fact.id,
    source,
    account: account ?? "",
    livemode,
    amount: fact.amount.toString(),
    currency: fact.currency,
    status: fact.status,
    automatic: fact.automatic,
    arrival_date: fact.arrivalDate,
    created: fact.created,
    trace_id: fact.traceId,
    reconciliation_status: fact.reconciliationStatus,
    members: of.members ?? null,
    event_id: order.eventId,
    said_at: order.at,
    said_received_at: order.receivedAt,
    members_event_id: of.membersSaid?.eventId ?? null,
    members_said_at: of.membersSaid?.at ?? null,
    members_said_received_at: of.membersSaid?.receivedAt ?? null,
  };
}
