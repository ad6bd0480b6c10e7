import type { Pool } from "pg";
import { z } from "zod";
import { writeError } from "./database-errors.ts";

const text =
  "select count(*) as open from takings.events where status = 'quarantined' and dismissed_at is null";
const row = z.object({ open: z.coerce.number() });

/**
 * How many events are in quarantine without a decision. Read from an index that holds only those.
 * @throws TakingsError `unavailable`
 */
export async function countOpenQuarantine(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<Record<string, unknown>>(text);
    return row.parse(rows[0]).open;
  } catch (error) {
    throw writeError(error, "counting the quarantine");
  }
}
