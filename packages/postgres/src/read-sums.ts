import { entryKinds, type LedgerFilter, type LedgerSum, type Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { ledgerFilterValues, ledgerConditions } from "./ledger-row.ts";
import { runRead } from "./run-read.ts";

// A sum of bigints is numeric, and leaves as text: it may be past what a bigint or a number of JavaScript holds.
const text = `
  select bucket, currency, kind, sum(amount)::text as amount, count(*)::text as count
  from (
    select currency, kind, amount,
      coalesce(width_bucket(occurred_at, $7::timestamptz[]) - 1, 0)::integer as bucket
    from takings.ledger_as_of($1::timestamptz)
    where ${ledgerConditions}
  ) as matching
  group by bucket, currency, kind
  order by bucket, currency, kind`;

const sumRow = z.object({
  bucket: z.number(),
  currency: z.string(),
  kind: z.enum(entryKinds),
  amount: z.string().transform(BigInt),
  count: z.string().transform(Number),
});

/**
 * Sums per bucket, currency and kind in one statement. Boundaries must ascend, and the filter's `from` must not
 * be before the first one; without boundaries everything is bucket 0.
 * @throws TakingsError `unavailable`
 */
export function readSums(
  pool: Pool,
  filter: LedgerFilter,
  boundaries?: readonly Moment[],
): Promise<LedgerSum[]> {
  const values = [...ledgerFilterValues(filter), boundaries ?? null];
  return runRead(pool, { what: "sums", text, values, parse: (row): LedgerSum => sumRow.parse(row) });
}
