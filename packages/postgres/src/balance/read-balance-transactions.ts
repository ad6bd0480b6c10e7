import {
  type BalanceTransaction,
  type BalanceTransactionFilter,
  type Page,
  parseBalancePosition,
} from "@takings/domain";
import type { Pool } from "pg";
import { runRead } from "../session/run-read.ts";
import { parseTransactionRow, transactionColumns, transactionFields } from "./transaction-columns.ts";

const inPage = `
  livemode = $2::boolean
  and ($3::text = '*' or account = $3::text)
  and ($4::text is null or currency = $4::text)
  and ($5::timestamptz is null or effective_at >= $5::timestamptz)
  and ($6::timestamptz is null or effective_at < $6::timestamptz)
  and ($7::text is null or payout = $7::text)
  and ($8::text is not null or balance_type is null or balance_type = 'payments')
  and ($8::text is null or balance_type = $8::text)
  and ($9::timestamptz is null or (effective_at, id, account) > ($9::timestamptz, $10::text, $11::text))`;
const pageOrder = "order by effective_at, id, account limit $12";

// Each part is cut to a page before they are merged, so that each is read in the order of an index and no further.
const partsOf = (condition: string): string => `
  (
    select ${transactionFields} from takings.balance_transactions
    where recorded_at <= $1::timestamptz and ${condition} ${pageOrder}
  )
  union all
  (
    select ${transactionFields} from takings.balance_transactions_superseded
    where recorded_at <= $1::timestamptz and superseded_at > $1::timestamptz and ${condition} ${pageOrder}
  )`;

const textOf = (parts: string): string => `
  select ${transactionColumns}
  from (${parts}) as transaction
  order by effective_at, id, transaction.account
  limit $12`;

const textOfAll = textOf(partsOf(inPage));
// One part for each category: an index gives the order of one category, and not of several.
const textOfCategories = textOf(`
  select part.*
  from unnest($13::text[]) as wanted (category)
  cross join lateral (${partsOf(`reporting_category = wanted.category and ${inPage}`)}) as part`);

/**
 * A page of balance transactions in the order of (`effective_at`, `id`), beginning after `page.after`.
 * @throws TakingsError `unavailable`
 */
export function readBalanceTransactions(
  pool: Pool,
  filter: BalanceTransactionFilter,
  page: Page,
): Promise<BalanceTransaction[]> {
  const after = page.after && parseBalancePosition(page.after.id);
  const categories = filter.reportingCategories;
  const values = [
    filter.asOf,
    filter.livemode,
    filter.account ?? "",
    filter.currency ?? null,
    filter.from ?? null,
    filter.to ?? null,
    filter.payout ?? null,
    filter.balanceType === "payments" ? null : (filter.balanceType ?? null),
    page.after?.time ?? null,
    after?.id ?? null,
    after?.account ?? "",
    page.limit,
    ...(categories === undefined ? [] : [[...new Set(categories)]]),
  ];
  const text = categories === undefined ? textOfAll : textOfCategories;
  return runRead(pool, { what: "balance transactions", text, values, parse: parseTransactionRow });
}
