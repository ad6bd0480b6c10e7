import type { BalanceTransaction } from "@takings/domain";
import { z } from "zod";
import { momentText } from "../columns/moment-text.ts";

/** The columns of `takings.balance_transactions` in their order, which those of earlier versions share. */
export const transactionFields = `
  id, source, account, livemode, type, reporting_category, currency, gross, fee, net, created, available_on,
  status, balance_type, description, source_id, payout, effective_at, event_id, said_at, said_received_at,
  payout_event_id, payout_said_at, payout_said_received_at, recorded_at`;

/** The columns that {@link parseTransactionRow} reads. Amounts are text, so that no driver setting can round them. */
export const transactionColumns: string = `
  id, source, nullif(account, '') as account, livemode, type, reporting_category, currency, gross::text as gross,
  fee::text as fee, net::text as net, ${momentText("created")} as created_text,
  ${momentText("available_on")} as available_on_text, status, balance_type, description, source_id, payout,
  ${momentText("effective_at")} as effective_at_text, event_id`;

const amount = z.string().transform(BigInt);

const transactionRow = z
  .object({
    id: z.string(),
    source: z.string(),
    account: z.string().nullable(),
    livemode: z.boolean(),
    type: z.string(),
    reporting_category: z.string(),
    currency: z.string(),
    gross: amount,
    fee: amount,
    net: amount,
    created_text: z.string(),
    available_on_text: z.string(),
    status: z.string().nullable(),
    balance_type: z.string().nullable(),
    description: z.string().nullable(),
    source_id: z.string().nullable(),
    payout: z.string().nullable(),
    effective_at_text: z.string(),
    event_id: z.string(),
  })
  .transform(
    (row): BalanceTransaction => ({
      id: row.id,
      source: row.source,
      account: row.account,
      livemode: row.livemode,
      type: row.type,
      reportingCategory: row.reporting_category,
      currency: row.currency,
      gross: row.gross,
      fee: row.fee,
      net: row.net,
      created: row.created_text,
      availableOn: row.available_on_text,
      status: row.status,
      balanceType: row.balance_type,
      description: row.description,
      sourceId: row.source_id,
      payout: row.payout,
      effectiveAt: row.effective_at_text,
      eventId: row.event_id,
    }),
  );

/** Parses a row of {@link transactionColumns}. @throws ZodError when the table has another form. */
export function parseTransactionRow(row: unknown): BalanceTransaction {
  return transactionRow.parse(row);
}
