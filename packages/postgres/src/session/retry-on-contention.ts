import { setTimeout as pause } from "node:timers/promises";
import { TakingsError } from "@takings/domain";
import { DatabaseError } from "pg";

/**
 * What concurrent sessions can cause and a retry can overcome: serialization failures, deadlocks, keys that were inserted
 * meanwhile, and lock timeouts.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const transientStates: ReadonlySet<string | undefined> = new Set(["40001", "40P01", "23505", "55P03"]);

const maxAttempts = 5;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Runs a transaction, and retries it with backoff when a concurrent session made it fail.
 * @throws TakingsError `unavailable` when all attempts failed; any other failure as it is.
 */
export async function retryOnContention<T>(doing: string, transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (cause) {
      if (!(cause instanceof DatabaseError) || !transientStates.has(cause.code)) throw cause;
      if (tries === maxAttempts) throw contentionError(doing, cause);
      const jitter = 0.5 + Math.random() / 2;
      await pause(Math.min(firstPauseMs * 2 ** tries, longestPauseMs) * jitter);
    }
  }
}

function contentionError(doing: string, cause: DatabaseError): TakingsError {
  const advice =
    "another session blocks it; find the oldest transaction in pg_stat_activity (order by xact_start), wait for it or " +
    "end it, then retry";
  return new TakingsError(
    "unavailable",
    `${doing} failed ${maxAttempts} times: ${cause.message}; ${advice}`,
    {
      cause,
    },
  );
}
