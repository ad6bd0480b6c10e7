import type { Pool } from "pg";
import { writeError } from "./database-errors.ts";

/**
 * Makes one row of the many in which batches have noted what is committed, and tells how many those were. Any number
 * of processes may call it at any time. What is committed stays the same; it only takes less room.
 * @throws TakingsError `unavailable`
 */
export async function compactCommittedSequences(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ compacted: string }>(
      "select takings.compact_committed_sequences() as compacted",
    );
    return Number(rows[0]?.compacted ?? 0);
  } catch (error) {
    throw writeError(error, "compacting the committed sequences");
  }
}
