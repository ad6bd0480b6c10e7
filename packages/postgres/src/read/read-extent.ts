import type { LedgerFilter, Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { ledgerConditions, ledgerFilterValues, ledgerSources } from "../columns/ledger-row.ts";
import { momentText } from "../columns/moment-text.ts";
import { runRead } from "../session/run-read.ts";

/** The first or last `occurred_at` of a source that matches. Each half of takings.ledger_as_of reads its own from the end of an index. */
const endOf = (direction: "asc" | "desc"): string => `
  (
    select occurred_at
    from (
      (
        select occurred_at from takings.ledger
        where recorded_at <= $1::timestamptz and ${ledgerConditions}
        order by occurred_at ${direction} limit 1
      )
      union all
      (
        select occurred_at from takings.ledger_superseded
        where recorded_at <= $1::timestamptz and superseded_at > $1::timestamptz and ${ledgerConditions}
        order by occurred_at ${direction} limit 1
      )
    ) as entry
    order by occurred_at ${direction} limit 1
  )`;

const text = `
  select ${momentText("min(first)")} as first, ${momentText("max(last)")} as last
  from takings.sources
  cross join lateral (select ${endOf("asc")} as first, ${endOf("desc")} as last) as extent
  where ${ledgerSources}`;

const extentRow = z.object({ first: z.string().nullable(), last: z.string().nullable() });

/**
 * First and last `occurred_at` that match, or `undefined` when nothing does.
 * @throws TakingsError `unavailable`
 */
export async function readExtent(
  pool: Pool,
  filter: LedgerFilter,
): Promise<{ readonly first: Moment; readonly last: Moment } | undefined> {
  const values = ledgerFilterValues(filter);
  const parse = (row: unknown): z.output<typeof extentRow> => extentRow.parse(row);
  const [extent] = await runRead(pool, { what: "the extent", text, values, parse });
  if (extent === undefined || extent.first === null || extent.last === null) return undefined;
  return { first: extent.first, last: extent.last };
}
