import type { BalanceTransaction } from "@takings/domain";
import { z } from "zod";
import { account, instant, source } from "./fields.ts";
import { type Money, money, moneyOf } from "./money.ts";

/** A balance transaction in a response. */
export type TransactionRow = {
  readonly id: string;
  readonly type: string;
  readonly reporting_category: string;
  readonly currency: string;
  readonly gross: Money;
  readonly fee: Money;
  readonly net: Money;
  readonly created: string;
  readonly available_on: string;
  readonly status: string | null;
  readonly balance_type: string | null;
  readonly description: string | null;
  readonly source_id: string | null;
  readonly payout: string | null;
  readonly effective_at: string;
  readonly event_id: string;
  readonly account: string | null;
  readonly livemode: boolean;
  readonly source: string;
};

/** Schema of {@link TransactionRow}. */
export const transactionRow: z.ZodType<TransactionRow> = z
  .object({
    id: z.string(),
    type: z.string(),
    reporting_category: z
      .string()
      .meta({ description: "Stripe's own name, known or not; `type` where Stripe names none." }),
    currency: z.string().meta({ description: "The settlement currency." }),
    gross: money.meta({ description: "Stripe's `amount`, signed." }),
    fee: money,
    net: money.meta({ description: "`gross` less `fee`." }),
    created: instant,
    available_on: instant,
    status: z.string().nullable(),
    balance_type: z.string().nullable().meta({ description: "Null counts as `payments`." }),
    description: z.string().nullable(),
    source_id: z.string().nullable().meta({ description: "The charge, refund, payout, … that it is about." }),
    payout: z.string().nullable().meta({ description: "The automatic payout whose list holds it." }),
    effective_at: instant.meta({
      description:
        "The moment at which it counts: `created`, or the arrival date of the automatic payout whose own transaction it is.",
    }),
    event_id: z
      .string()
      .meta({ description: "The event that holds the reading; it has the object as read." }),
    account,
    livemode: z.boolean(),
    source,
  })
  .meta({ id: "BalanceTransaction", description: "A balance transaction as the latest reading states it." });

/** Converts a balance transaction to its response form. */
export function transactionRowOf(stored: BalanceTransaction): TransactionRow {
  const { currency } = stored;
  return {
    id: stored.id,
    type: stored.type,
    reporting_category: stored.reportingCategory,
    currency,
    gross: moneyOf(stored.gross, currency),
    fee: moneyOf(stored.fee, currency),
    net: moneyOf(stored.net, currency),
    created: stored.created,
    available_on: stored.availableOn,
    status: stored.status,
    balance_type: stored.balanceType,
    description: stored.description,
    source_id: stored.sourceId,
    payout: stored.payout,
    effective_at: stored.effectiveAt,
    event_id: stored.eventId,
    account: stored.account,
    livemode: stored.livemode,
    source: stored.source,
  };
}
