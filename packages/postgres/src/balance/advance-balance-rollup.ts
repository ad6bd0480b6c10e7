import type { Pool } from "pg";
import { writeError } from "../session/database-errors.ts";

/**
 * Applies pending deltas to the sums of the balance and returns how many; more may be left. Any number of processes may
 * call it at any time. Balances are right without it, but slower the more deltas are pending.
 * @throws TakingsError `unavailable`
 */
export async function advanceBalanceRollup(pool: Pool): Promise<number> {
  try {
    const { rows } = await pool.query<{ applied: string }>(
      "select takings.advance_balance_rollup() as applied",
    );
    return Number(rows[0]?.applied ?? 0);
  } catch (error) {
    throw writeError(error, "advancing the sums of the balance");
  }
}
