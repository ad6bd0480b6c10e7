import type { Pool } from "pg";
import { writeError } from "./database-errors.ts";

/**
 * Reads what has settled into the rollup and returns how many additions that were; more may be left. Any number of
 * processes may call it at any time. Answers are right without it, but slower the more is pending.
 * @throws TakingsError `unavailable`
 */
export async function advanceRollup(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ taken: string }>("select takings.advance_rollup() as taken");
    return Number(rows[0]?.taken ?? 0);
  } catch (error) {
    throw writeError(error, "advancing the rollup");
  }
}
