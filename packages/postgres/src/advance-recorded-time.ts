import type { Pool } from "pg";
import { writeError } from "./database-errors.ts";

/**
 * Brings the safe read time near the present when nothing was recorded for half a second. Answers are as of that moment,
 * which never comes from the clock. Any number of processes may call it at any time.
 * @throws TakingsError `unavailable`
 */
export async function advanceRecordedTime(pool: Pool): Promise<void> {
  try {
    await pool.query("select takings.advance_recorded_time()");
  } catch (error) {
    throw writeError(error, "advancing recorded time");
  }
}
