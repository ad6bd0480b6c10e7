import {
  type BalanceTransaction,
  type BalanceTransactionFilter,
  type Page,
  parseBalancePosition,
} from "@takings/domain";
import type { Pool } from "pg";
import { runRead } from "../session/run-read.ts";
import { isChosenSource, isInSource } from "../columns/scope-conditions.ts";
import { parseTransactionRow, transactionColumns, transactionFields } from "./transaction-columns.ts";

// Without `coalesce`: the planner would expect one row in 200 and then sort all of them rather than read a page.
const pageOf = (category: string): string => `
  livemode = $2::boolean
  and ${isInSource("$3")}
  and ($4::text is null or currency = $4::text)
  and ($5::timestamptz is null or effective_at >= $5::timestamptz)
  and ($6::timestamptz is null or effective_at < $6::timestamptz)
  and ${category}
  and ($8::text is null or payout = $8::text)
  and ($15::text is null or id = $15::text)
  and ($9::text is not null or $15::text is not null or balance_type is null or balance_type = 'payments')
  and ($9::text is null or balance_type = $9::text)
  and ($10::timestamptz is null or (effective_at, id, account, source) > ($10::timestamptz, $11::text, $12::text, $13::text))
  order by effective_at, id, account
  limit $14`;

const halvesOf = (category: string): string => `
  (
    select ${transactionFields} from takings.balance_transactions
    where recorded_at <= $1::timestamptz and ${pageOf(category)}
  )
  union all
  (
    select ${transactionFields} from takings.balance_transactions_superseded
    where recorded_at <= $1::timestamptz and superseded_at > $1::timestamptz and ${pageOf(category)}
  )`;

/**
 * Each half of each source, and of several categories each one, is cut to a page before they are merged, so that each is
 * read in the order of an index and no further.
 */
function textFor(categories: number): string {
  const conditions =
    categories === 0
      ? ["cardinality($7::text[]) = 0"]
      : Array.from({ length: categories }, (_, n) => `reporting_category = ($7::text[])[${n + 1}]`);
  return `
    select ${transactionColumns}
    from takings.sources
    cross join lateral (${conditions.map(halvesOf).join(" union all ")}) as transaction
    where ${isChosenSource("$16")}
    order by effective_at, id, transaction.account, source
    limit $14`;
}

/**
 * A page of balance transactions in the order of (`effective_at`, `id`, `account`, `source`), beginning after `page.after`.
 * @throws TakingsError `unavailable`
 */
export function readBalanceTransactions(
  pool: Pool,
  filter: BalanceTransactionFilter,
  page: Page,
): Promise<BalanceTransaction[]> {
  const after = page.after && parseBalancePosition(page.after.id);
  const categories = [...new Set(filter.reportingCategories)];
  const values = [
    filter.asOf,
    filter.livemode,
    filter.account ?? "",
    filter.currency ?? null,
    filter.from ?? null,
    filter.to ?? null,
    categories,
    filter.payout ?? null,
    filter.balanceType === "payments" ? null : (filter.balanceType ?? null),
    page.after?.time ?? null,
    after?.id ?? null,
    after?.account ?? "",
    after?.source ?? "",
    page.limit,
    filter.id ?? null,
    filter.source,
  ];
  return runRead(pool, {
    what: "balance transactions",
    text: textFor(categories.length),
    values,
    parse: parseTransactionRow,
  });
}
