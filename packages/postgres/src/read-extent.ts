import type { LedgerFilter, Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { ledgerFilterValues, ledgerConditions } from "./ledger-row.ts";
import { momentText } from "./moment-text.ts";
import { runRead } from "./run-read.ts";

const text = `
  select ${momentText("min(occurred_at)")} as first, ${momentText("max(occurred_at)")} as last
  from takings.ledger_as_of($1::timestamptz)
  where ${ledgerConditions}`;

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
