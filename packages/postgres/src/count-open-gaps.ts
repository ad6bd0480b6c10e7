import type { OpenGap } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { writeError } from "./database-errors.ts";

const text = `
  select count(*) filter (where kind = 'payment') as payment, count(*) filter (where kind = 'refund') as refund
  from takings.open_gaps()`;
const row = z.object({ payment: z.coerce.number(), refund: z.coerce.number() });

/** How many gaps of each kind have been open for an hour. */
export type GapCounts = Readonly<Record<OpenGap["kind"], number>>;

/**
 * Counts the open gaps of all accounts and both modes.
 * @throws TakingsError `unavailable`
 */
export async function countOpenGaps(pool: Pool): Promise<GapCounts> {
  try {
    const { rows } = await pool.query<Record<string, unknown>>(text);
    return row.parse(rows[0]);
  } catch (error) {
    throw writeError(error, "counting the gaps");
  }
}
