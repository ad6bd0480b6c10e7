import type { Moment, Payout, PayoutWithMembers as KnownPayout } from "@takings/domain";
import { z } from "zod";
import { transactionLinks, transactionsLinkMeta } from "./balance-link.ts";
import { type CategoryRow, categoryRow, categoryRowOf } from "./category-total.ts";
import { account, asOf as asOfField, instant, source } from "./fields.ts";
import { type Money, money, moneyOf } from "./money.ts";

/** A payout in a response. */
export type PayoutRow = {
  readonly id: string;
  readonly amount: Money;
  readonly currency: string;
  readonly status: string;
  readonly automatic: boolean;
  readonly arrival_date: string;
  readonly created: string;
  readonly trace_id: string | null;
  readonly reconciliation_status: string | null;
  readonly unexplained: Money | null;
  readonly event_id: string;
  readonly account: string | null;
  readonly livemode: boolean;
  readonly source: string;
  readonly transactions: string;
};

/** A payout with what its members add up to, as a response of its own. */
export type PayoutWithMembers = PayoutRow & {
  readonly members: readonly CategoryRow[] | null;
  readonly as_of: string;
};

const fields = {
  id: z.string(),
  amount: money.meta({ description: "With Stripe's sign: negative takes money from the bank account." }),
  currency: z.string(),
  status: z.string(),
  automatic: z.boolean(),
  arrival_date: instant,
  created: instant,
  trace_id: z.string().nullable().meta({ description: "The bank's reference; null while Stripe has none." }),
  reconciliation_status: z.string().nullable(),
  unexplained: money.nullable().meta({
    description:
      "`amount` less what the payout's members add up to, its own transaction aside. Null where Stripe does not tell " +
      "members: for manual and instant payouts, and until the reconciliation is completed and all members were read.",
  }),
  event_id: z.string().meta({ description: "The event that states this." }),
  account,
  livemode: z.boolean(),
  source,
  transactions: z.string().meta({
    ...transactionsLinkMeta,
    description: "Link to the balance transactions in this payout's list, its own transaction included.",
  }),
};

/** Schema of {@link PayoutRow}. */
export const payoutRow: z.ZodType<PayoutRow> = z
  .object(fields)
  .meta({ id: "Payout", description: "A payout as last read, or as a later `payout.*` event shows it." });

/** Schema of {@link PayoutWithMembers}. */
export const payoutWithMembers: z.ZodType<PayoutWithMembers> = z
  .object({
    ...fields,
    members: z.array(categoryRow).nullable().meta({
      description:
        "What it consists of, without its own transaction, sorted by category; null where `unexplained` is.",
    }),
    as_of: asOfField,
  })
  .meta({ id: "PayoutWithMembers", description: "A payout with what its members add up to." });

/** Converts a payout as of a moment to its response form. */
export function payoutRowOf(payout: Payout, asOf: Moment): PayoutRow {
  const { currency, explained } = payout;
  return {
    id: payout.id,
    amount: moneyOf(payout.amount, currency),
    currency,
    status: payout.status,
    automatic: payout.automatic,
    arrival_date: payout.arrivalDate,
    created: payout.created,
    trace_id: payout.traceId,
    reconciliation_status: payout.reconciliationStatus,
    unexplained: explained === null ? null : moneyOf(payout.amount - explained, currency),
    event_id: payout.eventId,
    account: payout.account,
    livemode: payout.livemode,
    source: payout.source,
    transactions: linkOf(payout, asOf)(),
  };
}

/** Converts a payout as of a moment, with its members. */
export function payoutWithMembersOf(payout: KnownPayout, asOf: Moment): PayoutWithMembers {
  const link = linkOf(payout, asOf);
  const members = payout.members?.map((total) => categoryRowOf(total, payout.currency, (name) => link(name)));
  return { ...payoutRowOf(payout, asOf), members: members ?? null, as_of: asOf };
}

/** Links to the transactions of a payout, all or those of a category. */
function linkOf(payout: Payout, asOf: Moment): (category?: string) => string {
  const { id, source: from, account: whose, livemode } = payout;
  const link = transactionLinks({ asOf, source: from, account: whose, livemode });
  return (category) => link({ payout: id, ...(category !== undefined && { categories: [category] }) });
}
