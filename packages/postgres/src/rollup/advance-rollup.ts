import type { Pool } from "pg";
import { writeError } from "../session/database-errors.ts";

/**
 * Applies pending deltas to the rollup and returns how many; more may be left. Any number of processes may call it at any
 * time. Sums are right without it, but slower the more deltas are pending.
 * @throws TakingsError `unavailable`
 */
export async function advanceRollup(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ applied: string }>("select takings.advance_rollup() as applied");
    return Number(rows[0]?.applied ?? 0);
  } catch (error) {
    throw writeError(error, "advancing the rollup");
  }
}
