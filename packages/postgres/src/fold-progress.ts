import type { Pool } from "pg";
import { writeError } from "./database-errors.ts";

/**
 * Makes one row of the many in which batches have noted what is committed, and tells how many those were. Any number
 * of processes may call it at any time. What is committed stays the same; it only takes less room.
 * @throws TakingsError `unavailable`
 */
export async function foldProgress(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ folded: string }>("select takings.fold_progress() as folded");
    return Number(rows[0]?.folded ?? 0);
  } catch (error) {
    throw writeError(error, "folding the progress");
  }
}
