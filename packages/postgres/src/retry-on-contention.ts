import { setTimeout as pause } from "node:timers/promises";
import { TakingsError } from "@takings/domain";
import { DatabaseError } from "pg";

/**
 * What traffic beside us can bring about, and what another attempt can get over: serialization failures, deadlocks,
 * keys that came up meanwhile, and locks that somebody held too long.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const transientStates: ReadonlySet<string | undefined> = new Set(["40001", "40P01", "23505", "55P03"]);

const maxAttempts = 5;
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Tries a transaction again while traffic is in its way.
 * @throws TakingsError `unavailable` when it still is after all tries; any other failure as it is.
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
    "another session is in the way; find the oldest in pg_stat_activity (order by xact_start), let it end or end it, " +
    "then run this again";
  return new TakingsError(
    "unavailable",
    `${doing} failed ${maxAttempts} times: ${cause.message}; ${advice}`,
    {
      cause,
    },
  );
}
